// Finding a diagnosis while it is typed. Without this the button beside the field finds the same.
import { combobox } from './combobox.js';
import { make } from './make.js';

const PAUSE_MS = 150;

const holder = document.querySelector('[data-picker]');
if (holder) build(holder);

function build({ dataset }) {
  const input = holder.querySelector('input');
  const list = make('ul', { role: 'listbox', id: 'picker-list', 'aria-label': 'Diagnoses found' });
  const status = make('p', { class: 'vh', role: 'status' });
  for (const [name, value] of Object.entries({ role: 'combobox', spellcheck: 'false', 'aria-autocomplete': 'list', 'aria-controls': list.id, 'aria-expanded': 'false' })) input.setAttribute(name, value);
  holder.classList.add('picker');
  list.hidden = true;
  holder.append(list, status);
  const empty = combobox(input, list, {
    ask: dataset.picker,
    more: { day: dataset.day },
    pause: PAUSE_MS,
    say(found, problem) {
      list.hidden = found === undefined && !problem;
      if (problem) list.replaceChildren(make('li', { class: 'empty' }, problem));
      status.textContent = problem ?? (found === undefined ? '' : `${found === 1 ? '1 diagnosis' : `${found} diagnoses`} found. ${found ? '↓ chooses, Enter takes.' : ''}`);
    },
    take(option) {
      const { form } = input;
      form.append(make('input', { type: 'hidden', name: 'pick', value: option.dataset.code }));
      form.requestSubmit();
    },
  });
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || list.hidden) return;
    event.preventDefault();
    event.stopPropagation();
    empty();
  });
}
