// A history told in the room: by mouse, by keyboard alone, and on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible, assertQuiet, byTab, launch, open, sizes } from './support/browser.mjs';
import { asRole, patients, url } from './support/practice.mjs';

let browser;
let patient;
before(async () => {
  browser = await launch();
  patient = (await patients()).at(6);
});
after(() => browser.close());

// Of this run alone: the demo may have seen another.
const operation = `Repair of knee ${process.pid}`;
const packs = `${1 + (process.pid % 60)}.5`;
const card = (page, slug) => page.locator(`section[aria-labelledby=${slug}]`);

test('a nurse adds an operation, goes through the section in one click, and it goes stale when it is changed', async () => {
  const context = await asRole(browser, 'nurse');
  const page = await open(context);
  await page.goto(`${url}/patients/${patient.id}`);
  await Promise.all([page.waitForURL(/\/history$/), page.keyboard.press('h')]);
  await assertAccessible(page, 'the history');
  await Promise.all([page.waitForURL(/\/surgical\/new$/), card(page, 'surgical').locator('a:text("Add")').click()]);
  await page.locator('[name=what]').fill(operation);
  await page.locator('[name=when]').fill('2999');
  await Promise.all([page.waitForNavigation(), page.locator('main button.primary').click()]);
  assert.match(await page.locator('.error-summary').innerText(), /When: it cannot be to come/);
  assert.equal(await page.locator('[name=what]').inputValue(), operation, 'nothing typed is lost');
  await assertAccessible(page, 'a form to mend');
  await page.locator('[name=when]').fill('2011');
  await Promise.all([page.waitForURL(/\/history$/), page.locator('main button.primary').click()]);
  await Promise.all([page.waitForNavigation(), card(page, 'surgical').locator('button').click()]);
  assert.match(await card(page, 'surgical').innerText(), /Reviewed \d\d-\w+-\d{4}.* by /);
  await Promise.all([page.waitForURL(/\/surgical\/[^/]+$/), card(page, 'surgical').locator('li', { hasText: operation }).locator('a:text("Change")').click()]);
  await page.locator('[name=side]').selectOption('Left side');
  await Promise.all([page.waitForURL(/\/history$/), page.locator('main button.primary').click()]);
  assert.match(await card(page, 'surgical').innerText(), /Changed since: .* by /);
  assertQuiet(page);
  await context.close();
});

test('by keyboard alone, the answers of last time are there', async () => {
  const context = await asRole(browser, 'clinician');
  const page = await open(context);
  await page.goto(`${url}/patients/${patient.id}/history`);
  await byTab(page, 'section[aria-labelledby=social] a[href$="/social/new"]');
  await Promise.all([page.waitForURL(/\/social\/new$/), page.keyboard.press('Enter')]);
  await byTab(page, '[name=smoking]');
  // A closed list goes to the choice whose words begin with what is typed.
  await page.keyboard.type('Former');
  assert.equal(await page.locator('[name=smoking]').inputValue(), 'former');
  await byTab(page, '[name=packs]');
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(packs);
  await Promise.all([page.waitForURL(/\/history$/), page.keyboard.press('Enter')]);
  assert.match((await card(page, 'social').innerText()).replaceAll('\u00a0', ' '), new RegExp(`${packs.replace('.', '\\.')} pack-years`));
  assertQuiet(page);
  await context.close();
});

test('on a phone nothing is wider than the page', async () => {
  const context = await asRole(browser, 'clinician', { viewport: sizes.phone });
  const page = await open(context);
  for (const path of ['history', 'history/medical/new', 'history/family/new', 'history/social/new', 'allergies/new']) {
    await page.goto(`${url}/patients/${patient.id}/${path}`);
    const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= seen, `${path}: ${wide} > ${seen}`);
  }
  await context.close();
});
