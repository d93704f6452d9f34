// What somebody typed and no note takes any more, because it was signed or given up elsewhere: shown with the patient it is about, to be
// copied by hand, until its writer discards it or its days are over.
import * as journal from './journal.js';
import { make } from './make.js';

/** Shows these texts below the head of the page, each with its buttons. */
export function show(texts) {
  document.getElementById('kept')?.remove();
  if (texts.length === 0) return;
  const main = document.querySelector('main');
  const card = make('section', { class: 'card note-section span-12 noprint', id: 'kept', 'aria-labelledby': 'kept-title' },
    make('header', {}, make('h2', { id: 'kept-title' }, 'Not saved: what you typed in a note that takes no text any more')),
    make('p', { role: 'status' }, 'It is kept on this computer, for you only, until you discard it, and for 7 days at most. Copy what still belongs in a note, for example into an addendum.'),
    ...texts.map(item));
  const head = main.querySelector('.page-head');
  if (head) head.after(card);
  else main.prepend(card);
}

function item(typed) {
  const { address, of, title, section, text, at } = typed;
  const when = new Date(at).toLocaleString('en-GB', { day: '2-digit', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });
  const words = make('p', { class: 'prose' }, text);
  const said = make('span', { class: 'muted', role: 'status' });
  const copy = make('button', { class: 'btn small', type: 'button' }, 'Copy');
  const discard = make('button', { class: 'btn small', type: 'button' }, 'Discard');
  const entry = make('div', { class: 'notice warn' },
    make('p', {}, make('strong', {}, of ? `About ${of}: ${title}` : (title ?? section)), ` · typed ${when} · `, make('a', { href: address }, 'Open the note')),
    words, make('div', { class: 'actions' }, copy, discard, said));
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(words);
      said.textContent = 'Marked: copy it with Ctrl C';
    }
  });
  // There is no other copy of it: asked twice.
  discard.addEventListener('click', async () => {
    if (!discard.matches('.danger')) {
      discard.classList.add('danger');
      discard.textContent = 'Discard for good';
      return;
    }
    await journal.wipe(typed, at);
    const card = entry.parentElement;
    entry.remove();
    if (!card.querySelector('.notice')) card.remove();
  });
  return entry;
}
