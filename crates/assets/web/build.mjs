// Bundles, hashes and compresses what the browser loads. argv[2]: the folder to write into.
import * as esbuild from 'esbuild';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

const out = process.argv[2];
const mediaTypes = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.pfb': 'application/octet-stream',
  '.svg': 'image/svg+xml',
};
const fonts = 'node_modules/@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-';
const pdfjs = 'node_modules/pdfjs-dist';

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

async function bundle(options) {
  const shared = { bundle: true, minify: true, format: 'esm', target: 'es2022', legalComments: 'none', write: false, outdir: '/' };
  return (await esbuild.build({ ...shared, ...options })).outputFiles;
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

const app = { entryPoints: { app: 'src/app.js', style: 'css/app.css' }, plugins: [namedFonts] };
for (const file of await bundle(app)) put(`app${path.extname(file.path)}`, Buffer.from(file.contents));
put('icon.svg', fs.readFileSync('src/icon.svg'));

// The PDF viewer, which only the page of a document that is a PDF loads: pdf.js, its worker, its decoder of JPEG 2000 (the one that needs
// no WebAssembly, which the policy refuses), and the fonts for the fourteen names that a PDF may use without bringing them along.
const standardFonts = fs.readdirSync(`${pdfjs}/standard_fonts`).filter((name) => /\.(pfb|ttf)$/.test(name));
const viewer = {
  entryPoints: { pdf: 'src/pdf.js' },
  define: {
    WORKER: JSON.stringify(put('pdf-worker.js', fs.readFileSync(`${pdfjs}/legacy/build/pdf.worker.min.mjs`))),
    JPEG_2000: JSON.stringify(put('pdf-jpeg-2000.js', fs.readFileSync(`${pdfjs}/wasm/openjpeg_nowasm_fallback.js`))),
    FONTS: JSON.stringify(Object.fromEntries(standardFonts.map((name) => [name, put(`pdf-${name}`, fs.readFileSync(`${pdfjs}/standard_fonts/${name}`))]))),
  },
};
for (const file of await bundle(viewer)) put('pdf.js', Buffer.from(file.contents));

// What paper is set in (crates/paper): not served, so neither hashed nor compressed. Packed by a phone's toolkit, whence the odd endings.
const paper = [
  ['atkinson-hyperlegible-next', 'AtkinsonHyperlegibleNext', ['400Regular', '400Regular_Italic', '700Bold']],
  ['noto-sans', 'NotoSans', ['400Regular', '700Bold']],
].flatMap(([pack, name, styles]) => styles.map((style) => `node_modules/@expo-google-fonts/${pack}/${style}/${name}_${style}.ttf`));
fs.writeFileSync(path.join(out, 'paper.txt'), `${paper.map((file) => path.resolve(file)).join('\n')}\n`);

fs.writeFileSync(path.join(out, 'manifest.tsv'), `${manifest.join('\n')}\n`);
