// What becomes of typing in a note: whatever the server, the network or another window does, nothing typed is garbled or goes unseen.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible, assertFits, assertQuiet, launch, open, sizes } from './support/browser.mjs';
import { begin, saved } from './support/notes.mjs';
import { asRole, familyOf, patients, url } from './support/practice.mjs';

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
  await page.waitForFunction(() => document.getElementById('saved').textContent.length > 0);
  await saved(page);
  assert.equal(await page.locator(DONE).inputValue(), 'Told .name so', 'what cannot be fetched stands as typed');
  page.wrongs = page.wrongs.filter((wrong) => !/ERR_FAILED/.test(wrong));
  assertQuiet(page);
  await context.close();
});
