// The find-a-patient palette: a dialog with a combobox over a listbox. A sole hit is never opened by itself.
import { combobox } from './combobox.js';
import { make } from './make.js';

// Asked when typing pauses, not at each letter: each question shows patients, so each is an entry of the audit trail.
const PAUSE_MS = 250;
const ADDRESS = '/search/palette';

let dialog;
let input;
let empty;

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
  const list = make('ul', { role: 'listbox', id: 'palette-list', 'aria-label': 'Patients found' });
  const status = make('p', { class: 'palette-status', role: 'status' }, hint());
  const close = make('button', { class: 'btn quiet', type: 'button', 'data-close': '', 'aria-label': 'Close' }, '✕');
  const label = make('label', { for: 'palette-input', class: 'vh' }, 'Find a patient');
  const made = make('dialog', { id: 'palette', class: 'palette', 'aria-label': 'Find a patient' },
    make('div', { class: 'palette-line' }, label, input, close), list, status);
  const say = (found, problem) => {
    const counted = `${found === 1 ? '1 patient' : `${found} patients`} found. ${found ? '↓ chooses, Enter opens.' : ''}`;
    status.textContent = problem ?? (found === undefined ? hint() : counted);
  };
  empty = combobox(input, list, { ask: ADDRESS, pause: PAUSE_MS, say, take: follow });
  made.addEventListener('close', forget);
  document.body.append(made);
  return made;
}

const hint = () => 'Any part of the name in any order, a birth date, the end of a phone number, a record number.';
function follow(option, event) {
  const address = option?.dataset.href;
  if (!address) return;
  if (event.ctrlKey || event.metaKey) return window.open(address, '_blank', 'noopener');
  location.assign(address);
}

/** What was found does not stay in a hidden dialog. */
function forget() {
  input.value = '';
  empty();
}

document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-open="palette"]');
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openPalette();
});
