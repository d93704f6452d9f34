// What was typed in a note and the server has not acknowledged, kept in this browser until it has: sealed (AES-256-GCM) under a key that
// only a signed-in session of its writer can fetch. What is acknowledged is wiped at once; the rest waits for its writer, seven days at
// most. A record's name tells the writer's account, the draft and the window, nothing of a patient: of two windows in one section neither
// writes over, nor wipes, what the other one keeps.
import { post } from './server.js';

const NAME = 'chartroom-notes';
const STORE = 'typing';
const KEPT_MS = 7 * 24 * 3600 * 1000;

let opened;
let sealing;

/** Whether this browser has a journal at all: most pages need not open one. */
const exists = async () => !indexedDB.databases || (await indexedDB.databases()).some(({ name }) => name === NAME);

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function act(mode, what) {
  const db = await open();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(STORE, mode, { durability: 'strict' });
    const request = what(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** The writer's account and key, fetched once for this page and never written down. */
export function unseal() {
  sealing ??= (async () => {
    const answer = await post('/journal-key', {});
    if (!answer.ok || answer.redirected) throw new Error('no key');
    const { user, key } = await answer.json();
    const bytes = Uint8Array.from(atob(key), (letter) => letter.charCodeAt(0));
    return { user, key: await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']) };
  })();
  sealing.catch(() => (sealing = undefined));
  return sealing;
}

// What was read here has its name with it.
const nameOf = (user, { name, note, section, window }) => name ?? `${user} ${note} ${section} ${window}`;

/** Keeps what stands in a section: `typed` is everything that sending it needs. */
export async function keep(typed) {
  const { user, key } = await unseal();
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const name = nameOf(user, typed);
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(name) }, key, new TextEncoder().encode(JSON.stringify(typed)));
  await act('readwrite', (store) => store.put({ iv, sealed, at: Date.now() }, name));
}

/** Wipes what was acknowledged. With the time it was kept at: only if nothing newer took its place, such as what another tab goes on typing. */
export async function wipe(typed, at) {
  const { user } = await unseal();
  const name = nameOf(user, typed);
  await act('readwrite', (store) => {
    if (at === undefined) return store.delete(name);
    const request = store.get(name);
    request.onsuccess = () => request.result?.at === at && store.delete(name);
    return request;
  });
}

/** What this user typed and nobody acknowledged, oldest first. What is too old goes, whoever's it is; what cannot be opened stays. */
export async function waiting() {
  if (!(await exists())) return [];
  const names = await act('readonly', (store) => store.getAllKeys());
  if (names.length === 0) return [];
  const { user, key } = await unseal();
  const found = [];
  for (const name of names) {
    const record = await act('readonly', (store) => store.get(name));
    if (!record) continue;
    if (Date.now() - record.at > KEPT_MS) {
      await act('readwrite', (store) => store.delete(name));
    } else if (name.startsWith(`${user} `)) {
      try {
        const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: record.iv, additionalData: new TextEncoder().encode(name) }, key, record.sealed);
        found.push({ ...JSON.parse(new TextDecoder().decode(plain)), name, at: record.at });
      } catch {
        // Damaged, or of another practice at this address: it is wiped when its days are over.
      }
    }
  }
  return found.sort((one, other) => one.at - other.at);
}

// Its note was signed or given up, is not there, or the text is longer than a section holds: sending it again changes nothing.
const NEVER = [404, 409, 422];

/** Sends what waits. Answers what became of each: { typed, told }, or { typed, lost: true } when no note will take it: that stays here. */
export async function deliver() {
  const done = [];
  for (const typed of await waiting()) {
    const answer = await send(typed).catch(() => undefined);
    if (answer?.ok && !answer.redirected) {
      await wipe(typed, typed.at);
      done.push({ typed, told: await answer.json() });
    } else if (NEVER.includes(answer?.status)) done.push({ typed, lost: true });
  }
  return done;
}

/** Sends a section's text. */
export function send({ address, patient, section, based_on, text, window, step, settles = '', knows = '', copied = '' }, options = {}) {
  return post(address, { patient, section, based_on, text, window, step, settles, knows, copied }, options);
}
