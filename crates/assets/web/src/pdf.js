// A PDF inside its page: drawn by pdf.js on a canvas, one sheet at a time, with its text beside it for those who listen, search or copy.
// Nothing in the file can act: no script of the file is run, no form or link of it is made, no code is made from text, and nothing is
// fetched but the file itself and our own fonts and decoder. What cannot be drawn is said, with the download beside it.
import { getDocument, GlobalWorkerOptions } from 'pdfjs-dist/legacy/build/pdf.min.mjs';
import { make } from './make.js';

const STEPS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4];
const LARGEST_CANVAS = 16_000_000;

// Trusted Types: the one script this page may start by its address.
const policy = window.trustedTypes?.createPolicy('chartroom-pdf', {
  createScriptURL: (address) => {
    if (address !== WORKER) throw new TypeError('only the PDF worker is started');
    return address;
  },
});

/** The fonts a PDF may use by name alone, from our own server. */
class Fonts {
  async fetch({ filename }) {
    const response = await fetch(FONTS[filename]);
    return new Uint8Array(await response.arrayBuffer());
  }
}

for (const holder of document.querySelectorAll('[data-pdf]')) show(holder);

async function show(holder) {
  const title = holder.dataset.title;
  const status = make('p', { class: 'pdf-status', role: 'status' }, 'Opening the document …');
  holder.replaceChildren(status);
  try {
    GlobalWorkerOptions.workerPort ??= new Worker(policy?.createScriptURL(WORKER) ?? WORKER, { type: 'module' });
    const response = await fetch(holder.dataset.pdf);
    if (!response.ok) throw new Error(`answered ${response.status}`);
    const file = await getDocument({
      data: new Uint8Array(await response.arrayBuffer()),
      isEvalSupported: false,
      enableXfa: false,
      stopAtErrors: true,
      useSystemFonts: false,
      useWasm: false,
      useWorkerFetch: false,
      // Whatever is asked for below this address is the decoder: `?/name` is not part of a path.
      wasmUrl: `${JPEG_2000}?/`,
      StandardFontDataFactory: Fonts,
      verbosity: 0,
    }).promise;
    new Viewer(holder, file, title, status);
  } catch (error) {
    const locked = error?.name === 'PasswordException';
    const why = locked ? 'This document asks for a password.' : 'This document cannot be shown here.';
    status.replaceChildren(make('strong', {}, why), ' Download it to open it in another program.');
  }
}

class Viewer {
  constructor(holder, file, title, status) {
    Object.assign(this, { file, title, status, number: 1, zoom: 0, asked: 0 });
    const button = (label, words, act) => {
      const made = make('button', { class: 'btn small', type: 'button', 'aria-label': label }, words);
      made.addEventListener('click', act);
      return made;
    };
    this.previous = button('Previous page', '‹ Previous', () => this.turn(-1));
    this.next = button('Next page', 'Next ›', () => this.turn(1));
    this.place = make('span', { class: 'nb' });
    this.smaller = button('Smaller', '−', () => this.magnify(-1));
    this.larger = button('Larger', '+', () => this.magnify(1));
    this.size = make('span', { class: 'pdf-size' });
    this.fit = button('Fit width', 'Fit width', () => this.magnify(0));
    this.canvas = make('canvas', { role: 'img' });
    this.sheet = make('div', { class: 'scroll pdf-sheet', role: 'region', 'aria-label': `${title}, the page`, tabindex: '0' }, this.canvas);
    this.words = make('p', { class: 'prose' });
    const text = make('details', { class: 'more pdf-text' }, make('summary', {}, 'Text of this page'), this.words);
    const bar = make('div', { class: 'pdf-bar noprint', role: 'group', 'aria-label': 'Pages and size' },
      make('span', {}, this.previous, this.place, this.next), make('span', {}, this.smaller, this.size, this.larger, this.fit));
    this.paper = make('p', { class: 'pdf-paper muted' });
    holder.replaceChildren(bar, status, this.paper, this.sheet, text);
    let width = this.sheet.clientWidth;
    new ResizeObserver(() => {
      if (this.zoom > 0 || this.sheet.clientWidth === width) return;
      width = this.sheet.clientWidth;
      this.draw();
    }).observe(this.sheet);
    this.draw();
  }

  turn(by) {
    this.number = Math.min(Math.max(this.number + by, 1), this.file.numPages);
    this.sheet.scrollTop = 0;
    this.draw();
  }

  magnify(by) {
    const steps = by > 0 ? STEPS : [...STEPS].reverse();
    this.zoom = by === 0 ? 0 : steps.find((step) => (by > 0 ? step > this.scale + 0.01 : step < this.scale - 0.01)) ?? this.scale;
    this.draw();
  }

  /** Draws the page that is asked for last; an older question that is still being drawn is given up. */
  async draw() {
    const asked = (this.asked += 1);
    this.task?.cancel();
    const { file, number } = this;
    try {
      const page = await file.getPage(number);
      const natural = page.getViewport({ scale: 96 / 72 });
      this.scale = this.zoom || Math.min(this.sheet.clientWidth / natural.width, 2);
      const viewport = page.getViewport({ scale: (this.scale * 96) / 72 });
      const dense = Math.min(window.devicePixelRatio || 1, Math.sqrt(LARGEST_CANVAS / (viewport.width * viewport.height)));
      if (asked !== this.asked) return;
      this.canvas.width = Math.floor(viewport.width * dense);
      this.canvas.height = Math.floor(viewport.height * dense);
      this.canvas.style.width = `${Math.floor(viewport.width)}px`;
      this.tell(`Page ${number} of ${file.numPages}`);
      this.task = page.render({ canvas: this.canvas, viewport, transform: [dense, 0, 0, dense, 0, 0], annotationMode: 1 });
      const [, text] = await Promise.all([this.task.promise, page.getTextContent()]);
      if (asked !== this.asked) return;
      this.read(text);
      // A font that cannot be read draws nothing: that must not pass for an empty place.
      const unread = [...page.commonObjs].some(([, font]) => typeof font === 'string' || font?.error || font?.missingFile);
      this.status.textContent = unread ? 'Some of the text of this page may be missing or look different here. Download the document to be sure.' : '';
      this.status.classList.toggle('warn', unread);
    } catch (error) {
      if (asked !== this.asked || error?.name === 'RenderingCancelledException') return;
      this.status.textContent = `Page ${number} cannot be shown completely here. Download the document to read it.`;
      this.status.classList.add('warn');
    }
  }

  tell(place) {
    this.place.textContent = place;
    this.paper.textContent = this.file.numPages > 1 ? `${place} of this document. Download it to print it whole.` : '';
    this.size.textContent = `${Math.round(this.scale * 100)} %`;
    this.canvas.setAttribute('aria-label', `${this.title}, ${place.toLowerCase()}. Its text follows.`);
    this.previous.disabled = this.number === 1;
    this.next.disabled = this.number === this.file.numPages;
    this.smaller.disabled = this.scale <= STEPS[0];
    this.larger.disabled = this.scale >= STEPS.at(-1);
    this.fit.setAttribute('aria-pressed', String(this.zoom === 0));
  }

  read({ items }) {
    const text = items.map(({ str, hasEOL }) => str + (hasEOL ? '\n' : '')).join('').trim();
    this.words.textContent = text || 'This page holds no text: it may be a picture of paper.';
  }
}
