// Forms: the error summary (or else the look-alike warning) takes the focus, unsaved changes are not lost by leaving, nothing is sent twice.

// A field that asks for the focus itself (a password to be typed again) keeps it.
const summary = document.querySelector('.error-summary') ?? document.querySelector('.lookalike[tabindex]');
if (!document.querySelector('main [autofocus]')) summary?.focus();
if (summary?.matches('.error-summary')) {
  summary.addEventListener('click', (event) => {
    const id = event.target.closest('a')?.hash.slice(1);
    const field = id && document.getElementById(id);
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.scrollIntoView({ block: 'center' });
  });
}

// A file that is too long is told of before it is sent. The server says so too.
document.addEventListener('change', ({ target }) => {
  const most = Number(target.form?.dataset.mostBytes);
  if (target.type !== 'file' || !most) return;
  const tooLong = [...target.files].some((file) => file.size > most);
  target.setCustomValidity(tooLong ? `This file is longer than ${most >> 20} MB: scan it in grey or with fewer dots an inch, or file its pages one by one.` : '');
  target.reportValidity();
});

const changed = new Set();
const written = new Set();

document.addEventListener('input', ({ target }) => {
  const form = target.closest?.('form.form[method=post]');
  if (!form) return;
  written.add(form);
  if (form.matches('[data-guard]')) changed.add(form);
});

/** Whether this page holds what somebody typed and has not saved: also what the server sent back to be mended. */
export function typed() {
  return [...written].some((form) => form.isConnected) || Boolean(document.querySelector('.error-summary, .lookalike, main[data-open=yes]'));
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent !== undefined) return event.preventDefault();
  changed.delete(form);
  if (form.getAttribute('method') === 'post') form.dataset.sent = '';
});

// A page taken back from the browser's memory may be sent again.
window.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});

window.addEventListener('beforeunload', (event) => {
  if ([...changed].some((form) => form.isConnected) && !document.documentElement.dataset.locked) event.preventDefault();
});
