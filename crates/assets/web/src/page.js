// Small things a page gains: printing by button, the open section in view, room for the banner above what is focused.

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-print]')) window.print();
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
