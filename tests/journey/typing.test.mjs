// What becomes of typing in a note: whatever the server, the network or another window does, nothing typed is garbled or goes unseen.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible, assertFits, assertQuiet, launch, open, sizes } from './support/browser.mjs';
import { begin, saved } from './support/notes.mjs';
import { asRole, familyOf, patients, signIn, url } from './support/practice.mjs';

const SEEN = 'textarea[id="text-1-observations"]';
const DONE = 'textarea[id="text-2-done"]';

let browser;
let known;
before(async () => {
  browser = await launch();
  known = await patients();
});
after(() => browser.close());

test('what is typed behind a phrase while its words are fetched stays as it was typed', async () => {
  const context = await asRole(browser, 'clinician');
  const page = await open(context);
  await begin(page, known[10], 'nurse');
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route('**/phrase', async (route) => {
    await held;
    await route.continue();
  });
  await page.locator(SEEN).fill('');
  await page.locator(SEEN).pressSequentially('Saw .name at noon');
  release();
  await page.waitForFunction((area) => !document.querySelector(area).value.includes('.name'), SEEN);
  const family = familyOf(known[10]);
  assert.match(await page.locator(SEEN).inputValue(), new RegExp(`^Saw .*${family}.* at noon$`, 'i'));
  await page.keyboard.type(', at home');
  assert.match(await page.locator(SEEN).inputValue(), / at noon, at home$/, 'the caret stays behind what was typed last');

  await page.unroute('**/phrase');
  await page.route('**/phrase', (route) => route.abort());
  await page.locator(DONE).fill('');
  await page.locator(DONE).pressSequentially('Told .name so');
  await saved(page);
  assert.equal(await page.locator(DONE).inputValue(), 'Told .name so', 'what cannot be fetched stands as typed');
  page.wrongs = page.wrongs.filter((wrong) => !/ERR_FAILED/.test(wrong));
  assertQuiet(page);
  await context.close();
});

/** Waits for a record of the browser's journal that is longer than `than`; answers its length. Longer typing, longer record. */
async function kept(page, than = 0) {
  for (let left = 2000; left > 0; left -= 1) {
    const lengths = await page.evaluate(async () => {
      const opened = indexedDB.open('chartroom-notes');
      await new Promise((resolve, reject) => Object.assign(opened, { onsuccess: resolve, onerror: reject }));
      const all = opened.result.transaction('typing').objectStore('typing').getAll();
      await new Promise((resolve, reject) => Object.assign(all, { onsuccess: resolve, onerror: reject }));
      opened.result.close();
      return all.result.map(({ sealed }) => sealed.byteLength);
    });
    const found = lengths.find((length) => length > than);
    if (found) return found;
  }
  return assert.fail('nothing is kept');
}

/** Types in a section of a page whose savings do not arrive, until it is kept in the browser. */
async function typeUnsaved(page, section, text) {
  const draft = new URL(page.url()).pathname;
  await page.route((address) => address.pathname === draft, (route) => (route.request().method() === 'POST' ? route.abort() : route.continue()));
  await page.locator(section).fill(text);
  await page.waitForFunction(() => /Not connected/.test(document.getElementById('saved').textContent), undefined, { polling: 100 });
}

test('what a note takes no more is shown to its writer, as text, until it is discarded', async () => {
  const context = await asRole(browser, 'clinician');
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const [here, there] = [await open(context), await open(context)];
  await begin(here, known[11], 'nurse');
  await there.goto(here.url());
  await typeUnsaved(here, DONE, 'Gave <b>water</b>\nand a blanket');
  for (const section of [SEEN, DONE]) await there.locator(section).fill('Pale');
  await saved(there);
  await Promise.all([there.waitForURL(/\/notes\/[^/]+$/), there.locator('#sign button').click()]);
  await here.close();

  const page = await open(context);
  await page.goto(`${url}/patients/${known[12].id}`);
  const card = page.locator('#kept');
  await card.waitFor();
  assert.match(await card.innerText(), /Gave <b>water<\/b>\nand a blanket/);
  assert.match(await card.innerText(), new RegExp(`About ${familyOf(known[11])}`, 'i'), 'on the page of another patient it says whom it is about');
  assert.equal(await card.locator('b').count(), 0, 'never markup');
  await assertAccessible(page, 'typing that no note takes');
  await page.setViewportSize(sizes.phone);
  await assertFits(page, 'typing that no note takes, on a phone');
  await page.setViewportSize(sizes.desk);
  await card.locator('button:text("Copy")').click();
  await card.locator('[role=status]:text("Copied")').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'Gave <b>water</b>\nand a blanket');
  await page.reload();
  await card.waitFor();
  await card.locator('button:text("Discard")').click();
  await card.locator('button:text("Discard for good")').click();
  await card.waitFor({ state: 'detached' });
  await page.reload();
  await page.waitForLoadState('networkidle');
  assert.equal(await card.count(), 0);
  assertQuiet(page);
  await context.close();
});

test('two windows in one section keep each its own typing while the server is away, and both come back', async () => {
  const context = await asRole(browser, 'clinician');
  const [here, there] = [await open(context), await open(context)];
  await begin(here, known[13], 'nurse');
  const draft = here.url();
  await there.goto(draft);
  await typeUnsaved(here, DONE, 'Gave water');
  await typeUnsaved(there, DONE, 'Called Dr Okafor');
  await here.close();
  await there.close();

  const page = await open(context);
  await page.goto(draft);
  await page.locator('.aside').waitFor();
  const texts = [await page.locator(DONE).inputValue(), await page.locator('.aside .prose').innerText()];
  assert.deepEqual(texts.sort(), ['Called Dr Okafor', 'Gave water']);
  assertQuiet(page);
  await context.close();
});

test('after signing in anew in another window the page asks to be reloaded, and what was typed there comes along', async () => {
  const context = await asRole(browser, 'clinician');
  const page = await open(context);
  await begin(page, known[14], 'nurse');
  await context.clearCookies();
  const other = await open(context);
  await signIn(other, 'clinician');
  await other.close();
  await page.locator(DONE).fill('Gave water');
  await page.waitForFunction(() => /Reload this page to go on/.test(document.getElementById('saved').textContent), undefined, { polling: 100 });
  const before = await kept(page);
  await page.locator(DONE).fill('Gave water and a blanket');
  assert.match(await page.locator('#saved').innerText(), /Reload this page to go on/, 'it stays said while one types on');
  await kept(page, before);
  await page.reload();
  await page.waitForFunction((area) => document.querySelector(area).value === 'Gave water and a blanket', DONE, { polling: 100 });
  await page.waitForFunction(() => /was kept and is back/.test(document.getElementById('saved').textContent), undefined, { polling: 100 });
  page.wrongs = page.wrongs.filter((wrong) => !/status of 403/.test(wrong));
  assertQuiet(page);
  await context.close();
});

test('a browser that keeps nothing says so while anything is unsaved, and leaving is asked about', async () => {
  const context = await asRole(browser, 'clinician');
  const page = await context.newPage();
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('none here', 'SecurityError');
    };
  });
  const asked = [];
  page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    return dialog.accept();
  });
  await begin(page, known[15], 'nurse');
  await page.locator(SEEN).pressSequentially('Pale');
  await saved(page);
  const draft = new URL(page.url()).pathname;
  const cut = (route) => (route.request().method() === 'POST' ? route.abort() : route.continue());
  await page.route((address) => address.pathname === draft, cut);
  await page.locator(DONE).pressSequentially('Gave water');
  await page.waitForFunction(() => /keeps nothing/.test(document.getElementById('saved').textContent), undefined, { polling: 100 });
  await page.keyboard.type(' twice');
  assert.match(await page.locator('#saved').innerText(), /keeps nothing/, 'it stays said while one types on');
  await page.goto(`${url}/patients/${known[15].id}`);
  assert.deepEqual(asked, ['beforeunload']);
  await context.close();
});
