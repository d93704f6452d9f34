// Which pages there are: every address of our own that a person of a role can reach by links, one for each kind of page.
import { open } from './browser.mjs';
import { url } from './practice.mjs';

const LEAVE_OUT = [/^\/static\//, /^\/fhir/, /^\/sign-out/, /^\/lock/, /\.(csv|pdf|png|jpe?g)$/, /\/(content|file|photo|download|raw)$/, /\/files\//];
const KINDS_AT_MOST = 60;

/** `/patients/abc/results/x` and `/patients/def/results/y` are one kind of page. */
export function kindOf(path) {
  return path.split('/').map((part) => (/[0-9]/.test(part) ? '{id}' : part)).join('/');
}

/** The first address met of each kind, walking breadth first from `starts`. */
export async function crawl(context, starts) {
  const page = await open(context);
  const kinds = new Map();
  const queue = [...starts];
  while (queue.length > 0 && kinds.size < KINDS_AT_MOST) {
    const path = queue.shift();
    const kind = kindOf(path.split('?')[0]);
    if (kinds.has(kind)) continue;
    const response = await page.goto(url + path);
    if (!response?.headers()['content-type']?.startsWith('text/html')) continue;
    kinds.set(kind, { path, status: response.status() });
    const links = await page.locator('a[href]').evaluateAll((all) => all.map((link) => new URL(link.href)).filter(({ origin }) => origin === location.origin).map(({ pathname, search }) => pathname + search));
    queue.push(...links.filter((link) => !LEAVE_OUT.some((pattern) => pattern.test(link.split('?')[0]))));
  }
  await page.close();
  return kinds;
}
