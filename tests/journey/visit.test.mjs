// A whole visit: started, roomed, documented, signed, added to; by mouse, and again by keyboard alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible, assertQuiet, byTab, launch, open } from './support/browser.mjs';
import { saved } from './support/notes.mjs';
import { asRole, patients, url } from './support/practice.mjs';

let browser;
let known;
before(async () => {
  browser = await launch();
  known = await patients();
});
after(() => browser.close());

/** What stands behind a link to a paper is a PDF. */
const assertPrints = async (page, selector) => {
  const href = await page.locator(selector).first().getAttribute('href');
  const answer = await page.context().request.get(new URL(href, page.url()).href);
  assert.equal(answer.status(), 200, href);
  assert.match(answer.headers()['content-type'], /^application\/pdf/);
  assert.equal((await answer.body()).subarray(0, 5).toString(), '%PDF-');
};
const PAPER = 'main a[href$="/paper"]';
const notStop = (text) => text.replaceAll('***', 'as usual');

test('by mouse: a nurse rooms the patient, a clinician documents, signs and adds to the note', async () => {
  const patient = known[2];
  const nursing = await asRole(browser, 'nurse');
  const nurse = await open(nursing);
  await nurse.goto(`${url}/patients/${patient.id}/visits/new`);
  await nurse.locator('select[name=kind]').selectOption({ index: 1 });
  await nurse.locator('textarea[name=reason]').fill('Cough for three days');
  await Promise.all([nurse.waitForURL(/\/visits\/[0-9a-f-]{36}$/), nurse.locator('main button.primary').click()]);
  const visit = nurse.url();
  await Promise.all([nurse.waitForURL(/\/rooming$/), nurse.locator('main a[href$="/rooming"]').first().click()]);
  for (const [field, value] of [['systolic', '128'], ['diastolic', '76'], ['pulse', '84'], ['temperature', '39.1']]) await nurse.locator(`[name=${field}]`).fill(value);
  await nurse.locator('[name=temperature-unit]').selectOption({ label: '°C' });
  await Promise.all([nurse.waitForNavigation(), nurse.locator('main button.primary').click()]);
  const measured = (await nurse.locator('main').innerText()).replaceAll('\u00a0', ' ');
  assert.match(measured, /128\/76/);
  assert.match(measured, /39\.1 °C[\s\S]{0,40}High/);
  await assertAccessible(nurse, 'a roomed visit');
  assertQuiet(nurse);
  await nursing.close();

  const context = await asRole(browser, 'clinician');
  const page = await open(context);
  await page.goto(visit);
  for (const [words, code] of [['type 2 diab', 'E11.9'], ['high blood pressure', 'I10']]) {
    await Promise.all([page.waitForURL(/problems\/new/), page.locator('main a:text("Add diagnosis")').click()]);
    await page.locator('[name=q]').fill(words);
    await Promise.all([page.waitForNavigation(), page.locator(`[role=option][data-code="${code}"]`).click()]);
    await Promise.all([page.waitForURL(/\/visits\/[0-9a-f-]{36}$/), page.locator('button[value=save]').click()]);
  }
  const diagnoses = page.locator('#diagnoses li .lead');
  assert.match(await diagnoses.nth(0).innerText(), /diabetes/i);
  await Promise.all([page.waitForURL(/#diagnosis-/), page.locator('#diagnoses li').nth(1).locator('button[name=up]').click()]);
  assert.match(await diagnoses.nth(0).innerText(), /hypertension/i);
  await Promise.all([page.waitForNavigation(), page.locator('#diagnoses li').nth(0).locator('[action$="/promote"] button').click()]);
  assert.match(await page.locator('#diagnoses li').nth(0).innerText(), /On the problem list/);
  // What the head of the page covers after a jump is no target.
  await page.evaluate(() => window.scrollTo(0, 0));
  await assertAccessible(page, 'the workspace of a visit');
  await Promise.all([page.waitForURL(/notes\/new/), page.locator('main a:text("Write a note")').click()]);
  await Promise.all([page.waitForURL(/\/drafts\//), page.locator('button[value=adult-visit]').click()]);
  const areas = page.locator('.note-section textarea');
  assert.match(await areas.nth(0).inputValue(), /^Cough for three days \(chart, [^)]+\)$/, 'the reason came along, with its time');
  assert.match(await areas.nth(2).inputValue(), /Blood pressure: 128\/76/);
  await page.locator('#sign button').click();
  await page.waitForSelector('.error-summary');
  assert.match(await page.locator('.error-summary').innerText(), /History: fill in or remove each \*\*\*/);
  for (const area of await areas.all()) await area.fill(notStop(await area.inputValue()));
  await saved(page);
  await assertAccessible(page, 'writing a note');
  await Promise.all([page.waitForURL(/\/notes\/[^/]+$/), page.locator('#sign button').click()]);
  assert.match(await page.locator('main').innerText(), /Unchanged since/);
  assert.match(await page.locator('main').innerText(), /1\. Essential \(primary\) hypertension \(I10\)\s+2\. Type 2 diabetes/);
  await assertAccessible(page, 'a signed note');
  await Promise.all([page.waitForURL(/appends=/), page.locator('a:text("Add an addendum")').click()]);
  await Promise.all([page.waitForURL(/\/drafts\//), page.locator('.choices button').click()]);
  await page.locator('.note-section textarea').fill('Culture negative <b>');
  await saved(page);
  await Promise.all([page.waitForURL(/\/notes\/[^/]+$/), page.locator('#sign button').click()]);
  await Promise.all([page.waitForNavigation(), page.locator('a:text("an earlier note")').click()]);
  assert.match(await page.locator('.addendum').innerText(), /Culture negative <b>/);
  await assertPrints(page, PAPER);
  await page.goto(visit);
  assert.match(await page.locator('main').innerText(), /Notes and documents/);
  await assertPrints(page, PAPER);
  for (const state of ['in-progress', 'finished']) await Promise.all([page.waitForNavigation(), page.locator(`main button[value=${state}]`).click()]);
  assert.match(await page.locator('main h2').first().innerText(), /Finished/);
  assertQuiet(page);
  await context.close();
});

test('by keyboard alone: a clinician starts a visit, rooms the patient, writes, signs, adds to and prints the note, and finishes', async () => {
  const context = await asRole(browser, 'clinician');
  const page = await open(context);
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const tabTo = (selector) => byTab(page, selector);
  await page.goto(`${url}/patients/${known[3].id}`);
  await press('v');
  await page.waitForURL(/\/visits$/);
  await tabTo('main a[href$="/visits/new"]');
  await press('Enter');
  await page.waitForURL(/visits\/new$/);
  await tabTo('select[name=kind]');
  await press('ArrowDown');
  await tabTo('textarea[name=reason]');
  await page.keyboard.type('Sore knee');
  await tabTo('main button.primary');
  await press('Enter');
  await page.waitForURL(/\/visits\/[0-9a-f-]{36}$/);
  const visit = page.url();
  await press('u');
  await page.waitForURL(/\/rooming$/);
  for (const [field, value] of [['systolic', '128'], ['diastolic', '76'], ['pulse', '84']]) {
    await tabTo(`[name=${field}]`);
    await page.keyboard.type(value);
  }
  await tabTo('main button.primary');
  await Promise.all([page.waitForNavigation(), press('Enter')]);
  assert.match(await page.locator('main').innerText(), /128\/76/);
  await tabTo(`main a[href="${new URL(visit).pathname}"]`);
  await press('Enter');
  await page.waitForURL(visit);
  for (const words of ['knee pain', 'essential hypertension']) {
    await press('x');
    await page.waitForURL(/problems\/new/);
    await page.waitForFunction(() => document.activeElement?.name === 'q');
    await page.keyboard.type(words);
    await page.waitForSelector('[role=option]');
    await press('ArrowDown');
    await Promise.all([page.waitForNavigation(), press('Enter')]);
    await tabTo('button[value=save]');
    await press('Enter');
    await page.waitForURL(visit);
  }
  const leads = () => page.locator('#diagnoses li .lead').allInnerTexts();
  const before = await leads();
  await tabTo('#diagnoses li:nth-child(2) button[name=up]');
  await Promise.all([page.waitForURL(/#diagnosis-/), press('Enter')]);
  assert.deepEqual(await leads(), [...before].reverse(), 'the second stands first');
  await Promise.all([page.waitForNavigation(), press('y')]);
  assert.match(await page.locator('#diagnoses li').nth(0).innerText(), /On the problem list/, 'in one key');
  await press('n');
  await page.waitForURL(/notes\/new/);
  await tabTo('button[value=back-pain]');
  await press('Enter');
  await page.waitForURL(/\/drafts\//);
  await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
  let stops = 0;
  while (await page.evaluate(() => [...document.querySelectorAll('.note-section textarea')].some((area) => area.value.includes('***')))) {
    await press('Control+.');
    await page.keyboard.type('none');
    stops += 1;
    assert.ok(stops < 60, 'each stop is gone to and filled in');
  }
  assert.ok(stops > 5);
  await saved(page);
  await Promise.all([page.waitForURL(/\/notes\/[^/]+$/), press('Control+Enter')]);
  assert.match(await page.locator('main').innerText(), /Unchanged since/);
  await tabTo(PAPER);
  await assertPrints(page, PAPER);
  await tabTo('main a[href*="appends="]');
  await press('Enter');
  await page.waitForURL(/appends=/);
  await tabTo('.choices button');
  await press('Enter');
  await page.waitForURL(/\/drafts\//);
  await tabTo('.note-section textarea');
  await page.keyboard.type('Knee is better');
  await saved(page);
  await Promise.all([page.waitForURL(/\/notes\/[^/]+$/), press('Control+Enter')]);
  assert.match(await page.locator('main').innerText(), /Knee is better/);
  await page.goto(visit);
  await tabTo(PAPER);
  await assertPrints(page, PAPER);
  for (const state of ['in-progress', 'finished']) {
    await tabTo(`main button[value=${state}]`);
    await Promise.all([page.waitForNavigation(), press('Enter')]);
  }
  assert.match(await page.locator('main h2').first().innerText(), /Finished/);
  assertQuiet(page);
  await context.close();
});

test('two windows in one note: sections come together, two texts in one section are both shown until somebody chooses', async () => {
  const context = await asRole(browser, 'clinician');
  const [here, there] = [await open(context), await open(context)];
  await here.goto(`${url}/patients/${known[4].id}/notes/new`);
  await Promise.all([here.waitForURL(/\/drafts\//), here.locator('button[value=nurse]').click()]);
  await there.goto(here.url());
  const [seen, done] = ['textarea[id="text-1-observations"]', 'textarea[id="text-2-done"]'];
  await there.locator(seen).fill('Pale');
  await saved(there);
  await here.locator(done).fill('Called Dr Okafor');
  await saved(here);
  assert.equal(await here.locator(seen).inputValue(), 'Pale', 'what the other window typed came in with the answer');
  await there.locator(done).fill('Gave water');
  await there.waitForSelector('.aside');
  await there.locator(done).fill('Gave water and a blanket');
  await there.waitForFunction(() => /Two texts/.test(document.getElementById('saved').textContent));
  assert.match(await there.locator('.aside').innerText(), /Called Dr Okafor/);
  await assertAccessible(there, 'two texts in one section');
  await there.locator('[data-take=both]').click();
  await saved(there);
  await here.reload();
  const both = await here.locator(done).inputValue();
  assert.ok(both.includes('Gave water and a blanket') && both.includes('Called Dr Okafor'), both);
  assert.equal(await here.locator('.aside').count(), 0);
  await Promise.all([here.waitForURL(/\/notes\/[^/]+$/), here.locator('#sign button').click()]);
  assert.match(await here.locator('main').innerText(), /Gave water and a blanket/);
  assertQuiet(here);
  assertQuiet(there);
  await context.close();
});
