// The idle lock over a form that somebody was typing in: announced, kept in the window, back after the password, and nobody else's.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertAccessible, assertFits, assertQuiet, launch, open, sizes, themes } from './support/browser.mjs';
import { account, familyOf, patients, recordNumberOf, signIn, url } from './support/practice.mjs';

let browser;
let known;

before(async () => {
  browser = await launch();
  [, , known] = await patients();
});
after(() => browser.close());

/** A window of the front desk's own, on the patient's edit form, with a clock that the test moves. */
async function typing(text, options = {}) {
  const context = await browser.newContext({ viewport: sizes.desk, ...options });
  const page = await open(context);
  await page.clock.install();
  await signIn(page, 'front-desk');
  await page.goto(`${url}/patients/${known.id}/edit`);
  await page.getByLabel(/^Called/).fill(text);
  return page;
}

const bar = (page) => page.locator('[role=status]:has-text("Locks in 1 minute")');

async function idle(page) {
  await page.clock.fastForward('16:00');
  await page.locator('form[action="/unlock"]').waitFor();
}

describe('the idle lock', () => {
  test('is announced in the last minute and does not come when somebody stays', async () => {
    const page = await typing('Wren');
    await page.clock.fastForward('13:50');
    assert.equal(await bar(page).count(), 0);
    await page.clock.fastForward('00:20');
    await bar(page).waitFor();
    await assertAccessible(page, 'the announcement');
    const told = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/still-here');
    await page.keyboard.press('Shift');
    assert.equal((await told).status(), 204);
    assert.equal(await bar(page).count(), 0);
    await page.clock.fastForward('05:00');
    assert.equal(await page.getByLabel(/^Called/).inputValue(), 'Wren');
    assertQuiet(page);
    await page.context().close();
  });

  test('takes a form out of sight and gives it back as it was typed', async () => {
    const page = await typing('Wren');
    await idle(page);
    const content = await page.content();
    for (const secret of [familyOf(known), recordNumberOf(known), 'Wren']) assert.ok(!content.includes(secret), `${secret} behind the lock`);
    assert.match(await page.title(), /^Locked/);
    for (const colorScheme of themes) {
      await page.emulateMedia({ colorScheme });
      await assertAccessible(page, `locked, ${colorScheme}`);
    }
    await assertFits(page);
    assert.equal(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])), '[{},{}]');

    await page.keyboard.type('not the right password');
    await page.keyboard.press('Enter');
    await page.locator('.error-summary').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.name), 'password', 'the next thing typed is the password');
    await page.keyboard.type(account('front-desk').password);
    await page.keyboard.press('Enter');
    await page.getByLabel(/^Called/).waitFor();
    assert.equal(await page.getByLabel(/^Called/).inputValue(), 'Wren');
    assert.ok((await page.title()).toUpperCase().includes(familyOf(known).toUpperCase()));
    await Promise.all([page.waitForURL(`${url}/patients/${known.id}`), page.locator('main button.primary').click()]);
    assert.ok((await page.locator('.banner').innerText()).includes('Wren'), 'and it can be saved');
    page.wrongs = page.wrongs.filter((wrong) => !/status of 401/.test(wrong));
    assertQuiet(page);
    await page.context().close();
  });

  test('a form behind the lock is dropped when the session was ended elsewhere', async () => {
    const page = await typing('Wren');
    await idle(page);
    const other = await page.context().newPage();
    await other.goto(`${url}/lock`);
    await Promise.all([other.waitForURL(/sign-in/), other.getByRole('button', { name: /^Sign out/ }).click()]);
    // Whichever is told first, the server or this window: it is asked to sign in, or still for the password.
    await page.waitForURL(/\/(sign-in|lock\b)/);
    assert.equal(await page.locator('[name=called]').count(), 0);
    await page.goBack();
    await page.waitForURL(/\/(sign-in|lock\b)/);
    assert.equal(await page.locator('[name=called]').count(), 0, 'nor does going back show it');
    await page.context().close();
  });

  test('a page with nothing typed is left for the lock page', async () => {
    const page = await open(await browser.newContext({ viewport: sizes.desk }));
    await page.clock.install();
    await signIn(page, 'front-desk');
    await page.goto(`${url}/patients/${known.id}`);
    await page.clock.fastForward('16:00');
    await page.waitForURL(/\/lock\?next=/);
    assertQuiet(page);
    await page.context().close();
  });
});
