// Serves the gallery: the shapes of crates/assets/web/README.md as pages without a program behind them, under the real
// Content-Security-Policy, with the assets of the newest build. `node gallery/serve.mjs` prints where.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../../..');
const policy = fs.readFileSync(path.join(root, 'crates/assets/web/csp.txt'), 'utf8').trim();

/** The newest folder into which the `assets` crate was built. */
function builtAssets() {
  const target = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target');
  const builds = path.join(target, 'debug/build');
  const folders = fs.readdirSync(builds).filter((name) => name.startsWith('assets-')).map((name) => path.join(builds, name, 'out/dist'));
  const manifests = folders.map((folder) => path.join(folder, 'manifest.tsv')).filter((file) => fs.existsSync(file));
  manifests.sort((a, b) => fs.statSync(b).mtimeMs - fs.statSync(a).mtimeMs);
  if (manifests.length === 0) throw new Error('the assets are not built: run `cargo build -p assets`');
  const files = new Map();
  for (const line of fs.readFileSync(manifests[0], 'utf8').trim().split('\n')) {
    const [name, served, mediaType] = line.split('\t');
    files.set(name, { served, mediaType, bytes: fs.readFileSync(path.join(path.dirname(manifests[0]), served)) });
  }
  return files;
}

function matrix(html) {
  const months = Array.from({ length: 14 }, (_, index) => `${String(20 - index).padStart(2, '0')}-Nov-2026`);
  const tests = [['Sodium', '136–145 mmol/L', 140], ['Potassium', '3.5–5.1 mmol/L', 4], ['Glomerular filtration rate, predicted (CKD-EPI)', '≥ 60 mL/min/1.73 m²', 61]];
  const rows = tests.map(([name, range, value]) => `<tr><th scope="row">${name}</th><td data-label="Reference">${range}</td>${months.map((month, at) => (at % 5 === 3
    ? `<td data-label="${month}"><span class="abn low"><span class="nb">${value - at}.0</span> <span class="mark"><span aria-hidden="true">▼</span> Low</span></span></td>`
    : `<td data-label="${month}"><span class="nb">${value}.0</span></td>`)).join('')}</tr>`);
  return html.replace('{matrix-head}', months.map((month) => `<th scope="col" class="date">${month}</th>`).join('')).replace('{matrix-rows}', rows.join(''));
}

const flags = { deceased: 'Deceased 12-Mar-2024', restricted: 'Restricted chart: only the care team', test: 'Test patient', merged: 'Merged into 100 009' };

export function page(files, name, { flag, long } = {}) {
  const html = fs.readFileSync(path.join(here, `${name}.html`), 'utf8')
    .replaceAll(/\{([a-z-]+\.[a-z0-9]+)\}/g, (_, asset) => `/static/${files.get(asset).served}`)
    .replace('{flags}', flag ? Object.entries(flags).map(([kind, words]) => `<p class="flag ${kind}">${words}</p>`).join('') : '')
    .replace('{filler}', long ? Array.from({ length: 60 }, (_, at) => `<section class="card span-12"><header><h2>Entry ${at + 1}</h2></header><p class="prose">Text of entry ${at + 1}.</p></section>`).join('') : '');
  return matrix(html);
}

let release = () => {};

/** What the palette is answered for `words`; "slow" only after the next question was answered, to prove that a stale answer is dropped. */
async function answer(words) {
  if (words === 'slow') await new Promise((resolve) => (release = resolve));
  else setImmediate(release);
  const names = { none: [], one: ['ONLY, Olga'], slow: ['SLOW, Sam'] }[words] ?? ['LARSEN, Liam', 'LARSSON, Lia', '<img src=x onerror=alert(1)>'];
  const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  if (names.length === 0) return '<li class="empty">No patient matches. Try fewer letters, or a birth date.</li>';
  return names.map((name, at) => `<li role="option" class="hit hue-${at * 7}" id="hit-${at}" data-href="/chart?hit=${at}"><span class="photo" aria-hidden="true">LL</span>`
    + `<span class="hit-name">${escape(name)}</span><span class="hit-ids"><span>23-Dec-1979 (46 y)</span> <span>Female</span> <span class="id">100 00${at}</span></span></li>`).join('');
}

export async function serve(port = 0) {
  const files = builtAssets();
  const posts = [];
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url, 'http://gallery');
    const asset = [...files.values()].find(({ served }) => url.pathname === `/static/${served}`);
    const send = (status, type, body) => response.writeHead(status, { 'content-type': type, 'content-security-policy': policy }).end(body);
    if (asset) return send(200, asset.mediaType, asset.bytes);
    if (request.method === 'POST') {
      let body = '';
      for await (const chunk of request) body += chunk;
      posts.push({ path: url.pathname, body, token: request.headers['x-csrf-token'] });
      return send(200, 'text/html; charset=utf-8', url.pathname === '/search/palette' ? await answer(new URLSearchParams(body).get('q')) : '');
    }
    const name = { '/chart': 'chart', '/form': 'form', '/gate': 'gate', '/lock': 'gate' }[url.pathname] ?? 'chart';
    let html = page(files, name, { flag: url.searchParams.has('flag'), long: url.searchParams.has('long') });
    const marks = [...url.searchParams].filter(([key]) => key.startsWith('data-')).map(([key, value]) => ` ${key}="${value.replaceAll('"', '')}"`).join('');
    html = html.replace('<html lang="en"', `<html lang="en"${marks}`);
    return send(200, 'text/html; charset=utf-8', html);
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, posts, close: () => new Promise((resolve) => server.close(resolve)) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log((await serve(Number(process.argv[2] ?? 0))).url);
