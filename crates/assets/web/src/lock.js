// The idle lock: after a while without a key or a touch in any tab, every tab hides its chart and the session is locked on the server. The
// last minute is announced. Tabs keep in step through a channel that carries only the words below, never anything of a patient.
import { cover, uncoverIfOpen } from './cover.js';
import { typed } from './forms.js';
import { make } from './make.js';
import { post } from './server.js';

const root = document.documentElement;
const seconds = Number(root.dataset.idleSeconds);
const warning = Math.min(60, seconds / 2) * 1000;
const channel = new BroadcastChannel('chartroom');
const SHARE_MS = 5000;
// The server notes uses to the minute: a little longer than that, so that each telling counts.
const TELL_MS = 65000;

let lastUse = Date.now();
let lastShared = 0;
let lastTold = lastUse;
let bar;

function used() {
  lastUse = Date.now();
  if (bar) {
    unwarn();
    tell();
  }
  if (lastUse - lastShared > SHARE_MS) {
    lastShared = lastUse;
    channel.postMessage('used');
  }
}

/** Long typing asks the server for nothing: it is told that somebody is there, or it would lock a page in use. */
async function tell() {
  lastTold = Date.now();
  const answer = await post('/still-here', {}).catch(() => undefined);
  if (answer?.status === 401) lock();
}

function check() {
  if (root.dataset.locked) return;
  const now = Date.now();
  const left = lastUse + seconds * 1000 - now;
  if (left <= 0) {
    channel.postMessage('lock');
    lock();
  } else if (left <= warning) warn();
  else if (bar) unwarn();
  if (left > 0 && lastUse > lastTold - TELL_MS && now - lastTold >= TELL_MS) tell();
}

function warn() {
  if (bar) return;
  bar = make('div', { class: 'notice warn toast', role: 'status' });
  document.body.append(bar);
  // A screen reader reads what comes into a status, not what stood in it when it came.
  const when = warning === 60000 ? '1 minute' : `${warning / 1000} seconds`;
  setTimeout(() => bar?.append(make('p', {}, `Locks in ${when}. Any key or touch keeps you signed in.`)));
}

function unwarn() {
  bar.remove();
  bar = undefined;
}

/**
 * Hides the page at once and locks the session. A page with something typed is kept in this window's memory behind the lock, so that the
 * typing is not lost; any other is left for the lock page.
 */
async function lock(keep = true) {
  if (root.dataset.locked) return;
  root.dataset.locked = 'yes';
  document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close());
  if (bar) unwarn();
  if (keep && typed()) return cover({ opened: reopened, leave });
  try {
    await post('/lock', {});
  } finally {
    leave();
  }
}

const leave = () => location.replace('/lock?next=' + encodeURIComponent(location.pathname + location.search));

function reopened() {
  delete root.dataset.locked;
  lastTold = Date.now();
  used();
  channel.postMessage('in use');
}

channel.addEventListener('message', ({ data }) => {
  if (data === 'used') {
    lastUse = Date.now();
    if (bar) unwarn();
  }
  if (data === 'lock' && seconds > 0) lock();
  if (data === 'out' && seconds > 0) {
    delete root.dataset.locked;
    lock(false);
  }
  if (data === 'in use' && location.pathname === '/lock') location.reload();
  if (data === 'in use') uncoverIfOpen();
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
document.addEventListener('submit', (event) => {
  // The attribute: a field named `action` would stand in the property's place.
  const action = event.target.getAttribute('action');
  if (action === '/lock' && seconds > 0) {
    event.preventDefault();
    channel.postMessage('lock');
    lock();
  }
  if (['/sign-out', '/sign-out/everywhere'].includes(action)) channel.postMessage('out');
}, { capture: true });

// A chart must not come back out of the browser's memory after signing out.
window.addEventListener('pageshow', (event) => {
  if (event.persisted && seconds > 0) location.reload();
});
