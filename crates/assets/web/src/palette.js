// The find-a-patient palette: a dialog with a combobox over a listbox. What is typed is POSTed, never put in an address; a sole hit is
// never opened by itself; an answer that comes after a newer question is dropped.
import { make } from './make.js';
import { fragment, post } from './server.js';

// Asked when typing pauses, not at each letter: each question shows patients, so each is an entry of the audit trail.
const PAUSE_MS = 250;
const ADDRESS = '/search/palette';

let dialog;
let input;
let list;
let status;
let timer;
let question = 0;
let request;

/** Opens the palette, where this page may search; otherwise does nothing. */
export function openPalette() {
  if (!document.querySelector('[data-open="palette"]') || document.querySelector('dialog[open]:not(#palette)')) return;
  dialog ??= build();
  if (!dialog.open) dialog.showModal();
  input.select();
}

function build() {
  input = make('input', {
    type: 'text', role: 'combobox', id: 'palette-input', autocomplete: 'off', spellcheck: 'false', 'aria-autocomplete': 'list',
    'aria-controls': 'palette-list', 'aria-expanded': 'false', placeholder: 'Name, birth date, phone or record number',
  });
  list = make('ul', { role: 'listbox', id: 'palette-list', 'aria-label': 'Patients found' });
  status = make('p', { class: 'palette-status', role: 'status' }, hint());
  const close = make('button', { class: 'btn quiet', type: 'button', 'data-close': '', 'aria-label': 'Close' }, '✕');
  const label = make('label', { for: 'palette-input', class: 'vh' }, 'Find a patient');
  const made = make('dialog', { id: 'palette', class: 'palette', 'aria-label': 'Find a patient' },
    make('div', { class: 'palette-line' }, label, input, close), list, status);
  input.addEventListener('input', ask);
  input.addEventListener('keydown', choose);
  list.addEventListener('click', (event) => follow(event.target.closest('[role=option]'), event));
  made.addEventListener('close', forget);
  document.body.append(made);
  return made;
}

const hint = () => 'Any part of the name in any order, a birth date, the end of a phone number, a record number.';
const options = () => [...list.querySelectorAll('[role=option]')];

function ask() {
  clearTimeout(timer);
  request?.abort();
  question += 1;
  const words = input.value.trim();
  if (words === '') return show([], hint());
  timer = setTimeout(() => answer(words, question), PAUSE_MS);
}

async function answer(words, asked) {
  request = new AbortController();
  try {
    const response = await post(ADDRESS, { q: words }, { signal: request.signal });
    const text = await response.text();
    if (asked !== question) return;
    if (response.redirected || response.status === 401) return location.assign('/sign-in');
    if (!response.ok) return show([], 'The search did not work. Try again, or open the Patients page.');
    show(fragment(text).filter((node) => node instanceof HTMLElement));
  } catch (error) {
    if (error.name !== 'AbortError' && asked === question) show([], 'No answer from the server: check the connection and try again.');
  }
}

function show(nodes, message) {
  list.replaceChildren(...nodes);
  options().forEach((option, index) => {
    option.id = `palette-option-${index}`;
    option.setAttribute('aria-selected', 'false');
  });
  const found = options().length;
  input.setAttribute('aria-expanded', String(found > 0));
  input.removeAttribute('aria-activedescendant');
  status.textContent = message ?? `${found === 1 ? '1 patient' : `${found} patients`} found. ${found ? '↓ chooses, Enter opens.' : ''}`;
}

function choose(event) {
  const all = options();
  const here = all.findIndex((option) => option.getAttribute('aria-selected') === 'true');
  const to = { ArrowDown: here + 1, ArrowUp: here < 0 ? all.length - 1 : here - 1, PageDown: here + 6, PageUp: here - 6 }[event.key];
  if (event.key === 'Enter') {
    event.preventDefault();
    return follow(all[here], event);
  }
  if (to === undefined || all.length === 0) return;
  event.preventDefault();
  const next = event.key.startsWith('Page') ? Math.min(Math.max(to, 0), all.length - 1) : (to + all.length) % all.length;
  all.forEach((option, index) => option.setAttribute('aria-selected', String(index === next)));
  input.setAttribute('aria-activedescendant', all[next].id);
  all[next].scrollIntoView({ block: 'nearest' });
}

function follow(option, event) {
  const address = option?.dataset.href;
  if (!address) return;
  if (event.ctrlKey || event.metaKey) return window.open(address, '_blank', 'noopener');
  location.assign(address);
}

/** What was found does not stay in a hidden dialog. */
function forget() {
  question += 1;
  clearTimeout(timer);
  request?.abort();
  input.value = '';
  show([], hint());
}

document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-open="palette"]');
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openPalette();
});
