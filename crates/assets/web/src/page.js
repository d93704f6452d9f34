// Small things a page gains: what was saved said aloud, printing by button, the open section in view, room for the banner above what is focused.
import { make } from './make.js';

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-print]')) window.print();
});

// A sheet says when it was printed, in the practice's zone, by the server's clock as it stood when the page came.
const printedAt = document.querySelector('[data-printed]');
window.addEventListener('beforeprint', () => {
  if (!printedAt) return;
  const { printed, zone } = printedAt.dataset;
  const moment = new Date(Date.parse(printed) + performance.now());
  const options = { day: '2-digit', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone };
  const part = Object.fromEntries(new Intl.DateTimeFormat('en-US', options).formatToParts(moment).map(({ type, value }) => [type, value]));
  printedAt.textContent = `${part.day}-${part.month}-${part.year} ${part.hour}:${part.minute}`;
});

// Values folded away are still wanted on paper.
const folded = [];
window.addEventListener('beforeprint', () => {
  for (const details of document.querySelectorAll('.plot details:not([open])')) {
    details.open = true;
    folded.push(details);
  }
});
window.addEventListener('afterprint', () => folded.splice(0).forEach((details) => (details.open = false)));

// A screen reader reads what comes into a status, not what stood in it when the page opened.
const said = document.querySelector('.said');
if (said) {
  const aloud = make('p', { class: 'vh', role: 'status' });
  document.body.append(aloud);
  setTimeout(() => (aloud.textContent = said.textContent), 200);
  setTimeout(() => aloud.remove(), 4000);
}

const strip = document.querySelector('nav.sections');
const current = strip?.querySelector('[aria-current]');
if (strip && current) strip.scrollLeft = current.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;

// What takes the focus must not hide below the sticky head: its real height is the scroll padding.
const head = document.querySelector('.chart-head');
if (head) {
  const sticky = () => (getComputedStyle(head).position === 'sticky' ? head : head.querySelector('.banner'));
  const measure = () => document.documentElement.style.setProperty('--head', `${Math.ceil(sticky().offsetHeight)}px`);
  new ResizeObserver(measure).observe(head.querySelector('.banner'));
}
