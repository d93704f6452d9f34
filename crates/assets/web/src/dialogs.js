// Opening and closing of dialogs and menus by button; the toast's close button.
import { make } from './make.js';

document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-open]');
  const dialog = opener && document.getElementById(opener.dataset.open);
  if (dialog instanceof HTMLDialogElement && !dialog.open && opener.dataset.open !== 'palette') {
    event.preventDefault();
    dialog.showModal();
  }
  if (event.target.closest('[data-close]')) event.target.closest('dialog')?.close();
  if (event.target.matches('dialog[open]') && outside(event)) event.target.close();
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

/** Whether a click on the dialog element fell on its backdrop. */
function outside({ target, clientX, clientY }) {
  const box = target.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

for (const toast of document.querySelectorAll('.notice.toast')) {
  const close = make('button', { class: 'btn small quiet', type: 'button', 'aria-label': 'Close this message' }, '✕');
  close.addEventListener('click', () => toast.remove());
  toast.append(close);
}
