// Talking to our own server: the CSRF token, and the one place where its HTML becomes part of the page.
// Trusted Types let no other code turn text into markup: the policy below is the only one for markup that the Content-Security-Policy names.

const policy = window.trustedTypes?.createPolicy('chartroom', { createHTML: (html) => html }) ?? { createHTML: (html) => html };

/** The token that every form sends back, or '' on a page without one. */
export function csrf() {
  return document.querySelector('meta[name=csrf]')?.content ?? '';
}

/** POSTs form fields to our own server. Nothing is put in the address. */
export function post(address, fields, options = {}) {
  return fetch(address, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'x-csrf-token': csrf() },
    body: new URLSearchParams({ csrf: csrf(), ...fields }),
    ...options,
  });
}

/** The elements of an HTML fragment that our own server escaped and sent. */
export function fragment(html) {
  const parsed = new DOMParser().parseFromString(policy.createHTML(html), 'text/html');
  return [...parsed.body.childNodes];
}
