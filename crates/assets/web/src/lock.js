// The idle lock: after a while without a key or a touch in any tab, every tab hides its chart, the session is locked on the server and the
// lock page takes over. Tabs keep in step through a channel that carries only the words below, never anything of a patient.
import { post } from './server.js';

const root = document.documentElement;
const seconds = Number(root.dataset.idleSeconds);
const channel = new BroadcastChannel('chartroom');
const SHARE_MS = 5000;

let lastUse = Date.now();
let lastShared = 0;

function used() {
  lastUse = Date.now();
  if (lastUse - lastShared > SHARE_MS) {
    lastShared = lastUse;
    channel.postMessage('used');
  }
}

function check() {
  if (Date.now() - lastUse < seconds * 1000) return;
  channel.postMessage('lock');
  lock();
}

/** Hides the page at once; the server locks the session; the lock page replaces this one and knows where to go back to. */
async function lock() {
  if (root.dataset.locked) return;
  root.dataset.locked = 'yes';
  document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close());
  try {
    await post('/lock', {});
  } finally {
    location.replace('/lock?next=' + encodeURIComponent(location.pathname + location.search));
  }
}

channel.addEventListener('message', ({ data }) => {
  if (data === 'used') lastUse = Date.now();
  if (data === 'lock' && seconds > 0) lock();
  if (data === 'in use' && location.pathname === '/lock') location.reload();
});

if (seconds > 0) {
  // A tab that was locked with this one goes back to where it was.
  channel.postMessage('in use');
  for (const kind of ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart']) {
    window.addEventListener(kind, used, { passive: true, capture: true });
  }
  // A laptop that slept comes back with old times: look at once, before anything is read off the screen.
  document.addEventListener('visibilitychange', () => document.hidden || check());
  setInterval(check, Math.min(seconds * 250, 5000));
}

// Locking or signing out by hand closes every tab's chart as well.
document.addEventListener('submit', ({ target }) => {
  // The attribute: a field named `action` would stand in the property's place.
  if (['/lock', '/sign-out', '/sign-out/everywhere'].includes(target.getAttribute('action'))) channel.postMessage('lock');
});

// A chart must not come back out of the browser's memory after signing out.
window.addEventListener('pageshow', (event) => {
  if (event.persisted && seconds > 0) location.reload();
});
