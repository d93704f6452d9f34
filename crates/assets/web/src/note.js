// Writing a note. Every pause and every leaving of a section saves it; until the server has answered, what was typed is in the journal.
// Sections that others typed in come in by themselves; where two typed in one section, both texts stand until somebody settles it.
import { make } from './make.js';
import * as journal from './journal.js';
import * as kept from './kept.js';
import { post } from './server.js';

const PAUSE_MS = 800;
const LONGEST_MS = 2000;
const JOURNAL_MS = 250;
const RETRY_MS = [500, 1000, 2000, 4000, 8000];

const form = document.getElementById('note');
if (form?.dataset.writable !== undefined) write();
else if (document.documentElement.dataset.idleSeconds) setTimeout(recover, 500);

/** On any other page: what waits from before is delivered, and its writer told. */
async function recover() {
  const done = await journal.deliver().catch(() => []);
  showLost(done);
  const saved = done.filter(({ lost }) => !lost).map(({ typed }) => typed.address);
  for (const address of new Set(saved)) {
    const words = 'What you had typed in a note was kept and is in the draft now. ';
    const bar = make('div', { class: 'notice info toast', role: 'status' }, make('p', {}, words, make('a', { href: address }, 'Open it')));
    document.body.append(bar);
  }
}

const showLost = (done) => kept.show(done.filter(({ lost }) => lost).map(({ typed }) => typed));

function write() {
  const { note, address, patient } = form.dataset;
  const of = document.querySelector('.banner h1')?.firstChild?.textContent.trim();
  const window_ = crypto.randomUUID();
  const saved = document.getElementById('saved');
  const copied = document.getElementById('copied');
  const sections = new Map([...form.querySelectorAll('[data-section]')].map((element) => {
    const area = element.querySelector('textarea');
    return [element.dataset.section, { name: element.dataset.section, title: element.querySelector('h2').textContent, element, area, base: Number(element.dataset.revision), acknowledged: area.value, step: 0, settles: '', failures: 0 }];
  }));
  const all = [...sections.values()];
  const dirty = (section) => section.area.value !== section.acknowledged || section.settles !== '';
  const knows = () => all.map(({ name, base }) => `${name} ${base}`).join(',');
  let ended = false;
  let keeps = true;

  const typed = (section) => ({
    note, address, patient, of, title: section.title, section: section.name, based_on: section.base, text: section.area.value, window: window_, step: section.step, settles: section.settles,
  });

  for (const section of all) {
    grow(section.area);
    section.area.addEventListener('input', () => {
      grow(section.area);
      touched(section);
    });
    section.area.addEventListener('blur', () => dirty(section) && flush(section));
    section.area.addEventListener('keydown', (event) => expand(event, section));
    section.element.addEventListener('click', (event) => settle(event, section));
  }

  function touched(section) {
    section.step += 1;
    state();
    clearTimeout(section.pause);
    section.pause = setTimeout(() => flush(section), PAUSE_MS);
    section.longest ??= setTimeout(() => flush(section), LONGEST_MS);
    section.journal ??= setTimeout(() => {
      section.journal = undefined;
      if (dirty(section)) section.kept = keep(section);
    }, JOURNAL_MS);
  }

  async function keep(section) {
    const now = typed(section);
    keeps = await journal.keep(now).then(() => true, () => false);
    if (keeps) section.journaled = now.text;
    state();
  }

  /** Sends a section, one request at a time; what is typed meanwhile is sent after it. */
  async function flush(section, options) {
    clearTimeout(section.pause);
    clearTimeout(section.longest);
    section.longest = undefined;
    if (section.sending) return section.sending;
    if (!dirty(section) || ended) return undefined;
    section.sending = attempt(section, options).finally(() => (section.sending = undefined));
    await section.sending;
    if (dirty(section) && !section.again && !ended) section.again = setTimeout(() => again(section), retry(section));
    return undefined;
  }

  function again(section) {
    section.again = undefined;
    flush(section);
  }

  const retry = (section) => (section.failures ? RETRY_MS[Math.min(section.failures, RETRY_MS.length) - 1] : 0);

  async function attempt(section, options = {}) {
    const sent = { ...typed(section), knows: knows(), copied: copied.textContent };
    let answer;
    try {
      answer = await journal.send(sent, { signal: AbortSignal.timeout(10000), ...options });
    } catch {
      answer = undefined;
    }
    if (answer?.ok && !answer.redirected) return acknowledged(section, sent, await answer.json());
    section.failures += 1;
    section.trouble = trouble(answer);
    ended ||= answer?.status === 409;
    return state();
  }

  /** Why a section is not saved: said until it is. */
  function trouble(answer) {
    if (answer?.redirected || answer?.status === 401) return 'You are signed out. What you type is kept on this computer: sign in again to save it.';
    // As after signing in anew in another window: this page has the old session's token.
    if ([403, 404].includes(answer?.status)) return 'Reload this page to go on: it cannot save as it is. What you typed is kept on this computer.';
    if (answer?.status === 422) return 'This section is too long to be saved: shorten it. What you typed is kept on this computer.';
    return 'Not connected. What you type is kept on this computer and saved when the connection is back.';
  }

  async function acknowledged(section, sent, told) {
    section.failures = 0;
    section.trouble = undefined;
    if (told.kept === 'done') {
      section.base = Math.max(section.base, told.revision);
      section.acknowledged = sent.text;
      if (section.settles === sent.settles) section.settles = '';
      // What is still to be settled comes with the answer.
      section.element.querySelectorAll('.aside').forEach((settled) => settled.remove());
    } else if (told.kept === 'aside') {
      // Kept beside what stands: acknowledged as it is, to be settled below.
      section.acknowledged = sent.text;
    }
    learn(told, told.kept === 'aside' ? section : undefined);
    await section.kept;
    if (!dirty(section)) {
      section.journaled = undefined;
      await journal.wipe(sent).catch(() => {});
    }
    state();
  }

  /** Takes in what others typed: at once where nothing was typed here, beside it where something was. */
  function learn(told, mine) {
    if (told.copied) {
      copied.textContent = told.copied.words;
      for (const { name, element } of all) element.querySelector('.copied')?.toggleAttribute('hidden', !told.copied.sections.includes(name));
    }
    for (const news of told.sections) {
      const section = sections.get(news.name);
      if (!section) continue;
      const others = news.aside.filter((aside) => !aside.mine || section !== mine);
      if (section === mine) {
        // The text here was put aside: what stands is shown, and the one here stays in the field to be settled.
        // What is typed on is put aside too, until its writer has chosen: only then is it typed over what stands.
        section.standing = news.revision;
        const own = news.aside.filter((aside) => aside.mine).map(({ revision }) => revision);
        conflict(section, [{ revision: own.join(' '), text: news.text, by: news.by, standing: true }]);
      } else {
        if (!dirty(section) && news.revision !== section.base) {
          section.area.value = news.text;
          section.acknowledged = news.text;
          section.base = news.revision;
          grow(section.area);
          section.element.querySelector('.said').textContent = news.by;
        }
        if (others.length) conflict(section, others);
      }
    }
  }

  function conflict(section, others) {
    section.element.querySelectorAll('.aside').forEach((old) => old.remove());
    for (const other of others) {
      const head = other.standing ? `${other.by} typed here too.` : `Also typed here by ${other.by}.`;
      section.element.append(make('div', { class: 'notice warn aside', role: 'alert', 'data-aside': other.revision },
        make('p', {}, make('strong', {}, head), ' Both texts are kept until you say which the section is to have.'),
        make('p', { class: 'prose' }, other.text),
        make('div', { class: 'actions' }, ...[['theirs', 'Take this text'], ['both', 'Put both together'], ['mine', 'Keep the text above']]
          .map(([take, words]) => make('button', { class: 'btn small', type: 'button', 'data-take': take }, words)))));
    }
    state();
  }

  function settle(event, section) {
    const { take } = event.target.dataset;
    if (!take) return;
    const aside = event.target.closest('[data-aside]');
    const theirs = aside.querySelector('.prose').textContent;
    if (take === 'theirs') section.area.value = theirs;
    if (take === 'both') section.area.value = `${section.area.value.trimEnd()}\n\n${theirs}`;
    section.settles = `${section.settles} ${aside.dataset.aside}`.trim();
    section.base = Math.max(section.base, section.standing ?? 0);
    aside.remove();
    grow(section.area);
    section.area.focus();
    touched(section);
    flush(section);
  }

  /** Says whether everything is saved, or `words` once, and lets nobody sign what is not. */
  function state(words) {
    const open = all.filter(dirty);
    const asides = form.querySelector('.aside') && 'Two texts in one section: say which it is to have.';
    const refused = ended && 'This note takes no text any more: it was signed or given up. What you typed is kept on this computer, and shown to you until you discard it.';
    const bare = open.length && !keeps && 'This browser keeps nothing on this computer: stay on this page until it says Saved, or copy what you typed.';
    const stuck = open.map((section) => section.trouble).find(Boolean);
    form.closest('main').dataset.open = open.length ? 'yes' : 'no';
    saved.classList.toggle('warn', Boolean(bare || refused || stuck || asides));
    saved.textContent = words || bare || refused || stuck || asides || (open.length && 'Saving…') || `Saved ${new Date().toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}`;
  }

  /**
   * A phrase becomes its words, or the chart's, when a space or a line end is typed behind it. The key goes through, and so does whatever is
   * typed while the server is asked: only the phrase is replaced, where it stands by then.
   */
  async function expand(event, { area }) {
    if (![' ', 'Enter', 'Tab'].includes(event.key) || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const before = area.value.slice(0, area.selectionStart);
    const phrase = /(?:^|\s)(\.[a-z0-9]+)$/.exec(before)?.[1];
    if (!phrase || !form.dataset.phrases.split(' ').includes(phrase.slice(1)) || area.readOnly) return;
    const behind = before + { ' ': ' ', Enter: '\n', Tab: '' }[event.key];
    const untouched = behind + area.value.slice(area.selectionEnd);
    let at = before.length - phrase.length;
    let { length } = area.value;
    // What changes before the phrase moves it.
    const follow = () => {
      if (!area.value.startsWith(phrase, at)) at += area.value.length - length;
      ({ length } = area.value);
    };
    area.addEventListener('input', follow);
    const answer = await post(`${address}/phrase`, { phrase: phrase.slice(1) }).catch(() => undefined);
    const text = answer?.ok && !answer.redirected ? (await answer.json()).text : undefined;
    area.removeEventListener('input', follow);
    if (text === undefined) return state(`The words of ${phrase} could not be fetched: it stands as you typed it.`);
    if (at < 0 || !area.value.startsWith(phrase, at) || /^\S/.test(area.value.slice(at + phrase.length))) return undefined;
    const here = document.activeElement === area && area.value === untouched && area.selectionStart === behind.length && area.selectionEnd === behind.length;
    area.setRangeText(text, at, at + phrase.length, 'preserve');
    // The first place to fill in is typed over at once, if nobody went on meanwhile; `Ctrl .` goes on to the next.
    const stop = text.indexOf('***');
    if (here && stop >= 0) area.setSelectionRange(at + stop, at + stop + 3);
    area.dispatchEvent(new Event('input', { bubbles: true }));
    return undefined;
  }

  // `Ctrl .` goes to the next place to fill in.
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== '.') return;
    event.preventDefault();
    const areas = all.map(({ area }) => area);
    const here = Math.max(areas.indexOf(document.activeElement), 0);
    const from = areas[here] === document.activeElement ? areas[here].selectionEnd : 0;
    for (let step = 0; step <= areas.length; step += 1) {
      const area = areas[(here + step) % areas.length];
      const at = area.value.indexOf('***', step === 0 ? from : 0);
      if (at >= 0) {
        area.focus();
        return area.setSelectionRange(at, at + 3);
      }
    }
  });

  // Signing waits until everything typed is saved, and signs the texts that stand here.
  const sign = document.getElementById('sign');
  sign?.addEventListener('submit', async (event) => {
    event.preventDefault();
    await Promise.all(all.map((section) => flush(section)));
    if (all.some(dirty) || ended || form.querySelector('.aside')) return state();
    sign.elements.namedItem('revisions').value = knows();
    sign.submit();
  }, { capture: true });

  // Going away or hiding the page sends at once what is not sent yet.
  const leaving = () => all.filter(dirty).forEach((section) => {
    journal.keep(typed(section)).catch(() => {});
    journal.send(typed(section), { keepalive: true }).catch(() => {});
  });
  addEventListener('pagehide', leaving);
  // What is neither saved nor kept here would be lost.
  addEventListener('beforeunload', (event) => {
    const bare = all.some((section) => dirty(section) && section.journaled !== section.area.value);
    if (bare && !document.documentElement.dataset.locked) event.preventDefault();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) leaving();
    else look();
  });
  addEventListener('online', () => all.filter(dirty).forEach((section) => flush(section)));

  /** Asks what others typed. */
  async function look() {
    const answer = await journal.send({ address, patient, section: '', based_on: 0, text: '', window: window_, step: 0, knows: knows(), copied: copied.textContent }).catch(() => undefined);
    if (answer?.ok && !answer.redirected) learn(await answer.json());
  }

  // What waits from before a crash comes first: it is saved as its window would have saved it, and the fields show what stands then.
  journal.unseal().then(() => journal.deliver()).then((done) => {
    showLost(done);
    if (done.some(({ typed, lost }) => typed.note === note && !lost)) {
      look();
      state('What you had typed before was kept and is back.');
    }
  }).catch(() => state());
}

/** As high as its text, where the browser does not do so by itself. */
function grow(area) {
  if (CSS.supports('field-sizing', 'content')) return;
  area.rows = Math.min(24, Math.max(3, area.value.split('\n').length + 1));
}
