// A field over a list of what the server finds while it is typed: asked when typing pauses, not at each letter; arrows choose, Enter takes.
// What is typed is POSTed, never put in an address; nothing is taken by itself; an answer that comes after a newer question is dropped.
import { fragment, post } from './server.js';

/**
 * Makes it of an input and its list. `ask`: the address; `more`: fields sent with what is typed; `pause`: in ms; `say(count, problem)`
 * tells how many there are (nothing when nothing is asked); `take(option, event)` takes the chosen one. Answers with what empties it.
 */
export function combobox(input, list, { ask, more = {}, pause, say, take }) {
  let timer;
  let question = 0;
  let request;
  const options = () => [...list.querySelectorAll('[role=option]')];
  const chosen = () => options().findIndex((option) => option.getAttribute('aria-selected') === 'true');

  input.addEventListener('input', typed);
  input.addEventListener('keydown', choose);
  list.addEventListener('click', (event) => {
    const option = event.target.closest('[role=option]');
    if (option) take(option, event);
  });

  function typed() {
    drop();
    const words = input.value.trim();
    if (words === '') return show([]);
    const asked = question;
    timer = setTimeout(() => answer(words, asked), pause);
    return undefined;
  }

  function drop() {
    clearTimeout(timer);
    request?.abort();
    question += 1;
  }

  async function answer(words, asked) {
    request = new AbortController();
    try {
      const response = await post(ask, { q: words, ...more }, { signal: request.signal });
      const text = await response.text();
      if (asked !== question) return undefined;
      if (response.redirected || response.status === 401) return location.assign('/sign-in');
      if (!response.ok) return show([], 'The search did not work. Try again.');
      return show(fragment(text).filter((node) => node instanceof HTMLElement));
    } catch (error) {
      if (error.name !== 'AbortError' && asked === question) show([], 'No answer from the server: check the connection and try again.');
      return undefined;
    }
  }

  function show(nodes, problem) {
    list.replaceChildren(...nodes);
    options().forEach((option, index) => {
      option.id = `${list.id}-${index}`;
      option.setAttribute('aria-selected', 'false');
    });
    const found = options().length;
    input.setAttribute('aria-expanded', String(found > 0));
    input.removeAttribute('aria-activedescendant');
    say(nodes.length > 0 ? found : undefined, problem);
  }

  function choose(event) {
    const all = options();
    const here = chosen();
    if (event.key === 'Enter' && all[here]) {
      event.preventDefault();
      return take(all[here], event);
    }
    const to = { ArrowDown: here + 1, ArrowUp: here < 0 ? all.length - 1 : here - 1, PageDown: here + 6, PageUp: here - 6 }[event.key];
    if (to === undefined || all.length === 0) return undefined;
    event.preventDefault();
    const next = event.key.startsWith('Page') ? Math.min(Math.max(to, 0), all.length - 1) : (to + all.length) % all.length;
    all.forEach((option, index) => option.setAttribute('aria-selected', String(index === next)));
    input.setAttribute('aria-activedescendant', all[next].id);
    all[next].scrollIntoView({ block: 'nearest' });
    return undefined;
  }

  return () => {
    drop();
    show([]);
  };
}
