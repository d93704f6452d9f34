// A locked page that holds typing: its elements leave the document for this window's memory, the lock page's own form stands in their
// place, and they come back when the same session is opened again. Nothing is written to the browser's storage; leaving loses it.
import { make } from './make.js';
import { fragment, post } from './server.js';

const PAUSED = 'What you typed on this page is kept in this window until you unlock it. Signing out loses it.';

let kept;
let then;

/** Takes the page away and asks for the password; `opened` is called when it is back, `leave` when it cannot come back here. */
export function cover(calls) {
  then = calls;
  kept = { title: document.title, classes: document.body.className, top: scrollY, focus: document.activeElement, nodes: document.createDocumentFragment() };
  kept.nodes.append(...document.body.childNodes);
  document.title = 'Locked · Chartroom';
  document.body.className = 'gate';
  ask();
}

/** Locks the session, which is answered with the lock page. */
async function ask() {
  try {
    const answer = await post('/lock', {});
    const asks = sheet(await answer.text());
    if (asks) show(asks);
    else then.leave();
  } catch {
    unreachable();
  }
}

/** The form that asks for the password, out of one of the server's pages. */
const sheet = (html) => fragment(html).find((node) => node instanceof HTMLElement && node.querySelector('form[action="/unlock"]'));

function show(main) {
  main.querySelector('form[action="/unlock"]').addEventListener('submit', unlock);
  main.querySelector('form[action="/sign-out"]')?.before(make('p', { class: 'muted' }, PAUSED));
  document.body.replaceChildren(main);
  main.querySelector('[name=password]').focus();
}

async function unlock(event) {
  event.preventDefault();
  const password = event.target.elements.namedItem('password').value;
  try {
    // An opened session answers with the way on, which is not followed: the page is here.
    const answer = await post('/unlock', { password }, { redirect: 'manual' });
    if (answer.type === 'opaqueredirect') return uncover();
    const again = answer.status === 422 && sheet(await answer.text());
    if (again) show(again);
    else then.leave();
  } catch {
    unreachable();
  }
}

function unreachable() {
  const again = make('button', { class: 'btn primary', type: 'button' }, 'Try again');
  const words = make('p', { role: 'alert' }, 'The server cannot be reached. What you typed is kept in this window.');
  document.body.replaceChildren(make('main', { id: 'main' }, make('h1', {}, 'Locked'), words, again));
  again.addEventListener('click', ask);
  again.focus();
}

function uncover() {
  if (!kept) return;
  const { title, classes, top, focus, nodes } = kept;
  kept = undefined;
  document.title = title;
  document.body.className = classes;
  document.body.replaceChildren(...nodes.childNodes);
  scrollTo(0, top);
  focus?.focus?.({ preventScroll: true });
  then.opened();
}

/** Another tab may have opened this very session again: then the page comes back. If somebody else came in, it is dropped. */
export async function uncoverIfOpen() {
  if (!kept) return;
  const answer = await post('/still-here', {}).catch(() => undefined);
  if (answer?.ok) uncover();
  else if (answer?.status === 403) then.leave();
}
