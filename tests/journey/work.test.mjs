// What people come to do: the front desk registers, a nurse corrects, a manager lets somebody in, the privacy officer looks who looked.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertAccessible, assertQuiet, launch, open, sizes } from './support/browser.mjs';
import { account, api, asRole, familyOf, newcomer, patients, recordNumberOf, signIn, signInAs, url } from './support/practice.mjs';

let browser;
let known;

before(async () => {
  browser = await launch();
  [, known] = await patients();
});
after(() => browser.close());

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const spoken = (iso) => `${Number(iso.slice(8, 10))} ${months[Number(iso.slice(5, 7)) - 1]} ${iso.slice(0, 4)}`;
const press = (page, button) => Promise.all([page.waitForNavigation(), page.locator(button).click()]);

describe('the front desk', () => {
  test('is warned of a look-alike before a second record is made, and registers a new patient by keyboard', async () => {
    const context = await asRole(browser, 'front-desk');
    const page = await open(context);
    await page.goto(`${url}/patients/new`);
    await page.getByLabel(/^Family name/).fill(familyOf(known));
    await page.getByLabel(/^Given names/).fill(known.name[0].given[0]);
    await page.getByLabel(/^Birth date/).fill(spoken(known.birthDate));
    await page.locator('main select[name=sex]').selectOption(known.gender);
    await press(page, 'main button.primary');
    assert.ok((await page.locator('.lookalike').innerText()).toUpperCase().includes(familyOf(known).toUpperCase()));
    await assertAccessible(page, 'look-alikes');

    await page.goto(`${url}/patients/new`);
    await page.getByLabel(/^Family name/).focus();
    await page.keyboard.type(newcomer);
    await page.keyboard.press('Tab');
    await page.keyboard.type('Journey');
    await page.getByLabel(/^Birth date/).focus();
    await page.keyboard.type('4 May 62');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Other');
    await page.keyboard.press('Tab');
    await Promise.all([page.waitForURL((address) => address.pathname !== '/patients/new'), page.keyboard.press('Enter')]);
    const banner = (await page.locator('.banner').innerText()).replaceAll('\u00a0', ' ');
    assert.ok(banner.includes(`${newcomer.toUpperCase()}, Journey`), banner);
    assert.match(banner, /04-May-1962/);
    assert.match(banner, /\d{3} \d{3}/, 'a record number was given');
    assert.equal(await page.locator('.banner .allergies').count(), 0, 'the front desk sees no allergies');
    assertQuiet(page);
    await context.close();
  });

  test('files a card in a chart; a file too long or in disguise is refused before it is lost', async () => {
    const context = await asRole(browser, 'front-desk');
    const page = await open(context);
    await page.goto(`${url}/patients/${known.id}/documents`);
    await press(page, 'main a:text("File a document")');
    await page.getByLabel(/^Kind/).selectOption({ label: 'Insurance card' });
    await page.getByLabel(/^Title/).fill(`Card of ${newcomer}`);
    const file = page.locator('input[type=file]');
    const choose = (name, text) => file.setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) });
    await choose('long.txt', 'a'.repeat((10 << 20) + 1));
    assert.match(await file.evaluate((input) => input.validationMessage), /longer than 10 MB/);
    await choose('card.png', '<html><script>alert(1)</script></html>');
    await press(page, 'main button.primary');
    assert.match(await page.locator('.error-summary').innerText(), /web pages/);
    assert.equal(await page.getByLabel(/^Title/).inputValue(), `Card of ${newcomer}`);
    await assertAccessible(page, 'filing with something to mend');
    await choose('card.txt', 'Member 12345678');
    await press(page, 'main button.primary');
    assert.ok((await page.locator('main').innerText()).includes('Member 12345678'));
    await page.goto(`${url}/patients/${known.id}/documents`);
    assert.ok((await page.locator('main').innerText()).includes(`Card of ${newcomer}`));
    assertQuiet(page);
    await context.close();
  });

  test('reaches no clinical section', async () => {
    const context = await asRole(browser, 'front-desk');
    const page = await context.newPage();
    for (const section of ['problems', 'medicines', 'notes', 'results']) {
      const answer = await page.goto(`${url}/patients/${known.id}/${section}`);
      assert.equal(answer.status(), 403, section);
    }
    await context.close();
  });
});

describe('a nurse', () => {
  test('marks an entry as entered in error with a reason, and takes it back', async () => {
    const context = await asRole(browser, 'nurse');
    const page = await open(context);
    await page.goto(`${url}/patients/${known.id}/vitals`);
    await page.locator('.matrix tbody th a').first().click();
    await page.locator('.page-head a:has-text("Details")').click();
    const entry = page.url();
    await page.locator('summary:has-text("Entered in error")').click();
    await page.locator('details[open] [name=reason]').fill('Measured on another patient');
    await press(page, 'details[open] button.danger');
    await page.goto(entry);
    assert.match(await page.locator('main').innerText(), /Entered in error/i);
    assert.match(await page.locator('main').innerText(), /Measured on another patient/);
    await assertAccessible(page, 'an entry in error');
    await press(page, 'main button:has-text("It was not an error")');
    await page.goto(entry);
    assert.equal(await page.locator('summary:has-text("Entered in error")').count(), 1, 'it can be marked again');
    assertQuiet(page);
    await context.close();
  });
});

/** Tabs on until what has the focus fits; fails when nothing does. */
async function tabTo(page, fits, what) {
  for (let tabs = 0; tabs < 120; tabs += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(fits)) return;
  }
  assert.fail(`${what} is not reached by Tab`);
}

describe('a clinician', () => {
  test('moves an entry to the right patient by keyboard, having seen both', async () => {
    const others = await patients();
    const target = others.find(({ id }) => id !== known.id);
    const context = await asRole(browser, 'clinician');
    const page = await open(context);
    const body = { resourceType: 'Condition', subject: { reference: `Patient/${known.id}` }, code: { text: 'Sprain written in the wrong chart' }, clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] } };
    const { id } = await api('Condition', { method: 'POST', body });
    await page.goto(`${url}/patients/${known.id}/changes/Condition/${id}`);
    await tabTo(page, () => document.activeElement.textContent.startsWith('Find the right patient'), 'the way to move it');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    await page.keyboard.type(recordNumberOf(target));
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    assert.ok(!page.url().includes(recordNumberOf(target)));
    await assertAccessible(page, 'whose it is');
    await tabTo(page, () => document.activeElement.matches('.hit'), 'the patient found');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    const table = (await page.locator('.both').innerText()).replaceAll('\u00a0', ' ');
    for (const patient of [known, target]) {
      for (const words of [familyOf(patient).toUpperCase(), recordNumberOf(patient).replace(/(\d)(?=(\d{3})+$)/g, '$1 ')]) assert.ok(table.includes(words), `${words} in ${table}`);
    }
    await assertAccessible(page, 'both patients');
    await tabTo(page, () => document.activeElement.name === 'reason', 'the reason');
    await page.keyboard.type('Written in the wrong chart');
    await tabTo(page, () => document.activeElement.matches('button.danger'), 'the button');
    assert.ok((await page.evaluate(() => document.activeElement.textContent)).includes(familyOf(target).toUpperCase()), 'the button names whom it goes to');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    assert.match(await page.locator('[role=status].said').innerText(), /moved to the other patient/);
    await page.goto(`${url}/patients/${target.id}/problems`);
    assert.match(await page.locator('main').innerText(), /Sprain written in the wrong chart/);
    assertQuiet(page);
    await context.close();
  });

  test('saves an edit with a practitioner found by name, and is told once that it was saved', async () => {
    const context = await asRole(browser, 'clinician');
    const page = await open(context);
    const other = await api('Practitioner', { method: 'POST', body: { resourceType: 'Practitioner', name: [{ family: 'Elsewhere', given: ['Quentin'] }] } });
    await page.goto(`${url}/patients/${known.id}/edit`);
    assert.equal(await page.locator(`#general_practitioner option[value="Practitioner/${other.id}"]`).count(), 0, 'who works elsewhere is not offered unasked');
    const called = page.getByLabel(/^Called/);
    await called.fill('Sparrow');
    await page.getByLabel('Somebody else, by name').fill('quentin elsew');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    assert.equal(await called.inputValue(), 'Sparrow', 'what was typed is kept');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'general_practitioner');
    await assertAccessible(page, 'a practitioner found');
    await page.locator('#general_practitioner').selectOption(`Practitioner/${other.id}`);
    await press(page, 'main button.primary');
    assert.equal(await page.locator('[role=status].said').count(), 1);
    await page.reload();
    assert.equal(await page.locator('[role=status].said').count(), 0, 'said once');
    await page.goto(`${url}/patients/${known.id}/edit`);
    assert.equal(await page.locator('#general_practitioner').inputValue(), `Practitioner/${other.id}`, 'the one on file is always offered');
    assertQuiet(page);
    await context.close();
  });
});

describe('a manager', () => {
  test('makes an account; its owner comes in once with the one-time password and chooses their own', async () => {
    const context = await asRole(browser, 'manager');
    const page = await open(context);
    await page.goto(`${url}/users/new`);
    const username = `locum${process.pid}`;
    await page.locator('[name=username]').fill(username);
    await page.locator('[name=display_name]').fill('Lou Locum');
    await page.locator('[name=role]').selectOption('nurse');
    await press(page, 'main button.primary');
    const shown = (await page.locator('.notice code').innerText()).trim();
    assertQuiet(page);

    const theirs = await open(await browser.newContext({ viewport: sizes.desk }));
    await signInAs(theirs, username, shown);
    await theirs.goto(`${url}/`);
    assert.equal(new URL(theirs.url()).pathname, '/password');
    await theirs.locator('[name=current]').fill(shown);
    for (const field of ['new', 'again']) await theirs.locator(`[name=${field}]`).fill('four unrelated walnut trams');
    await press(theirs, 'main button.primary');
    await theirs.goto(`${url}/`);
    assert.equal(new URL(theirs.url()).pathname, '/');
    assertQuiet(theirs);
    await context.close();
  });

  test('sees no chart', async () => {
    const context = await asRole(browser, 'manager');
    const page = await context.newPage();
    const answer = await page.goto(`${url}/patients/${known.id}/problems`);
    assert.equal(answer.status(), 403);
    assert.ok(!(await page.content()).includes(recordNumberOf(known)));
    await context.close();
  });
});

describe('the privacy officer', () => {
  test('finds who opened a chart', async () => {
    const clinician = await asRole(browser, 'clinician');
    await (await clinician.newPage()).goto(`${url}/patients/${known.id}/problems`);
    await clinician.close();
    const context = await asRole(browser, 'privacy-officer');
    const page = await open(context);
    await page.goto(`${url}/audit`);
    await page.locator('[name=patient]').fill(recordNumberOf(known));
    await press(page, 'main button.primary');
    const text = await page.locator('main').innerText();
    assert.match(text, /Clinician/);
    assert.match(text, /Read a chart problems/);
    assert.ok(!page.url().includes(recordNumberOf(known)), 'the patient looked for is not in the address');
    assertQuiet(page);
    await context.close();
  });
});

describe('signing in', () => {
  test('a wrong password and an unknown name get the same answer, and the name is kept', async () => {
    const page = await open(await browser.newContext({ viewport: sizes.desk }));
    const said = [];
    for (const username of [account('front-desk').username, 'nobody-of-that-name']) {
      await page.goto(`${url}/sign-in`);
      await page.locator('[name=username]').fill(username);
      await page.locator('[name=password]').fill('not the right password');
      await press(page, '.btn.primary');
      said.push(await page.locator('.error-summary').innerText());
      assert.equal(await page.locator('[name=username]').inputValue(), username);
    }
    assert.equal(said[0], said[1]);
    await page.context().close();
  });

  test('signing out ends it: going back shows no chart', async () => {
    const page = await open(await browser.newContext({ viewport: sizes.desk }));
    await signIn(page, 'clinician');
    await page.goto(`${url}/patients/${known.id}`);
    await page.locator('details.menu summary').click();
    await press(page, '.menu button:has-text("Sign out")');
    await page.goBack().catch(() => {});
    await page.goto(`${url}/patients/${known.id}`);
    assert.equal(new URL(page.url()).pathname, '/sign-in');
    await page.context().close();
  });
});
