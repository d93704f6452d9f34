// Bundles, hashes and compresses what the browser loads. argv[2]: the folder to write into.
import * as esbuild from 'esbuild';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

const out = process.argv[2];
const mediaTypes = { '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.woff2': 'font/woff2', '.svg': 'image/svg+xml' };
const fonts = 'node_modules/@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-';

fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out, { recursive: true });
const manifest = [];

/** Writes one file under a name that changes with its content; returns the address it is served at. */
function put(name, bytes) {
  const { name: stem, ext } = path.parse(name);
  const hash = crypto.createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const served = `${stem}-${hash}${ext}`;
  fs.writeFileSync(path.join(out, served), bytes);
  let compressed = '';
  if (ext !== '.woff2') {
    compressed = `${served}.br`;
    fs.writeFileSync(path.join(out, compressed), zlib.brotliCompressSync(bytes));
  }
  manifest.push([name, served, mediaTypes[ext], compressed].join('\t'));
  return `/static/${served}`;
}

const fontUrls = {
  'font:latin': put('font.woff2', fs.readFileSync(`${fonts}latin-wght-normal.woff2`)),
  'font:latin-ext': put('font-ext.woff2', fs.readFileSync(`${fonts}latin-ext-wght-normal.woff2`)),
};
const namedFonts = {
  name: 'named-fonts',
  setup(build) {
    build.onResolve({ filter: /^font:/ }, ({ path: font }) => ({ path: fontUrls[font], external: true }));
  },
};

const { outputFiles } = await esbuild.build({
  entryPoints: { app: 'src/app.js', style: 'css/app.css' },
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
  write: false,
  outdir: '/',
  plugins: [namedFonts],
});
for (const file of outputFiles) put(`app${path.extname(file.path)}`, Buffer.from(file.contents));
put('icon.svg', fs.readFileSync('src/icon.svg'));
fs.writeFileSync(path.join(out, 'manifest.tsv'), `${manifest.join('\n')}\n`);
