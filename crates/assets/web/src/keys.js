// Keyboard shortcuts. keys.json is the one table: it is bound here, shown by the `?` help and read by the tests.
import table from './keys.json';
import { openPalette } from './palette.js';
import { make } from './make.js';

const SEQUENCE_MS = 1200;
const TYPING = 'input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]';
const actions = { palette: openPalette, help: openHelp, close: closeMenus, previous: () => step(-1), next: () => step(1) };

let pending = '';
let timer;

const singleKeys = () => document.documentElement.dataset.singleKeys !== 'off';
const isChord = (key) => key.startsWith('Ctrl ') || key === 'Esc';
const target = (key) => [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((element) => element.checkVisibility?.() ?? true);
const sections = () => [...document.querySelectorAll('nav.sections a')];

/** The bindings that do something on this page, as it is set up. */
export function usable() {
  return table.filter(({ key, action }) => {
    if (!singleKeys() && !isChord(key)) return false;
    if (action === 'previous' || action === 'next') return sections().length > 1;
    return Boolean(action) || Boolean(target(key));
  });
}

function named(event) {
  if (event.key === 'Escape') return 'Esc';
  if (event.ctrlKey || event.metaKey) return `Ctrl ${event.key.length === 1 ? event.key.toUpperCase() : event.key}`;
  return event.key;
}

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const key = named(event);
  const plain = !isChord(key);
  if (plain && (!singleKeys() || event.target.closest?.(TYPING) || document.querySelector('dialog[open]'))) return;
  const sequence = plain && pending ? `${pending} ${key}` : key;
  clearTimeout(timer);
  pending = '';
  const binding = usable().find((entry) => entry.key === sequence);
  if (binding) {
    if (key !== 'Esc') event.preventDefault();
    run(binding);
  } else if (plain && table.some((entry) => entry.key.startsWith(`${sequence} `))) {
    pending = sequence;
    timer = setTimeout(() => (pending = ''), SEQUENCE_MS);
  }
});

function run({ key, action }) {
  if (action) return actions[action]();
  const element = target(key);
  if (element.matches('a, button, summary')) element.click();
  else element.focus();
}

/** Walks the chart's sections from the one that is open. */
function step(by) {
  const all = sections();
  const here = all.findIndex((link) => link.matches('[aria-current]'));
  all[(here + by + all.length) % all.length]?.click();
}

function closeMenus() {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
}

function openHelp() {
  document.getElementById('keys-help')?.remove();
  const dialog = make('dialog', { id: 'keys-help', class: 'dialog', 'aria-labelledby': 'keys-help-title' });
  const groups = grouped(usable());
  dialog.append(make('h2', { id: 'keys-help-title' }, 'Keys on this page'));
  for (const [group, entries] of groups) {
    const list = make('dl', { class: 'keys' });
    for (const { key, does } of entries) {
      const caps = key.split(' ').map((cap) => make('kbd', {}, cap));
      list.append(make('div', {}, make('dt', {}, ...caps), make('dd', {}, target(key)?.dataset.does ?? does)));
    }
    dialog.append(make('h3', {}, group), list);
  }
  const note = singleKeys() ? 'Single-key shortcuts can be turned off in Settings.' : 'Single-key shortcuts are turned off in Settings.';
  const close = make('button', { class: 'btn', type: 'button', 'data-close': '' }, 'Close');
  dialog.append(make('p', { class: 'muted' }, note), make('div', { class: 'actions' }, close));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function grouped(entries) {
  const groups = new Map();
  for (const entry of entries) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  return groups;
}

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-open="keys"]')) openHelp();
});
