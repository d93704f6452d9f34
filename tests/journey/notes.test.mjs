// Notes of supervised staff, cosigned; phrases people write; a note written in the wrong chart.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible, assertFits, assertQuiet, launch, open, sizes } from './support/browser.mjs';
import { begin, saved } from './support/notes.mjs';
import { account, asRole, familyOf, patients, url } from './support/practice.mjs';
import { printed } from './support/print.mjs';

let browser;
let known;
before(async () => {
  browser = await launch();
  known = await patients();
});
after(() => browser.close());

/** Says in the manager's pages whose cosignature the notes of `role` need; answers the cosigner's name. */
async function supervise(role, by) {
  const context = await asRole(browser, 'manager');
  const page = await open(context);
  await page.goto(`${url}/users`);
  const row = page.locator('tr', { has: page.locator(`td:text-is("${account(role).username}")`) });
  await Promise.all([page.waitForURL(/\/users\/[0-9a-f-]{36}$/), row.locator('a').click()]);
  const select = page.locator('select[name=cosigner]');
  const offered = await select.locator('option').allInnerTexts();
  const name = by === undefined ? offered[0] : offered[by];
  await select.selectOption({ label: name });
  await assertAccessible(page, 'an account');
  await Promise.all([page.waitForURL(/\/users$/), page.locator('button:text("Save the cosigner")').click()]);
  assertQuiet(page);
  await context.close();
  return name;
}

test('a supervised nurse signs, the note waits, a clinician reads and cosigns it, and it says so on paper too', async () => {
  const patient = known[5];
  const name = await supervise('nurse', 1);
  const nursing = await asRole(browser, 'nurse');
  const nurse = await open(nursing);
  await begin(nurse, patient, 'nurse');
  assert.ok((await nurse.locator('.note-foot').innerText()).includes(`${name} cosigns it after you`));
  await nurse.locator('textarea[id="text-1-observations"]').fill('Pale, sweating');
  await nurse.locator('textarea[id="text-2-done"]').fill('Called the doctor');
  await saved(nurse);
  await Promise.all([nurse.waitForURL(/\/notes\/[^/]+$/), nurse.locator('#sign button').click()]);
  const note = nurse.url();
  assert.ok((await nurse.locator('main').innerText()).includes(`Awaiting cosignature of ${name}`));
  assert.ok((await printed(nurse)).join('').includes(`Awaiting cosignature of ${name}`), 'on paper too');
  await assertAccessible(nurse, 'a note that waits');
  assertQuiet(nurse);
  await nursing.close();

  const context = await asRole(browser, 'clinician');
  const page = await open(context);
  await page.goto(`${url}/drafts`);
  await assertAccessible(page, 'what is to be cosigned');
  const line = page.locator('section:has(h2:text("To cosign")) tr', { hasText: familyOf(patient).toUpperCase() }).first();
  await Promise.all([page.waitForURL(note), line.locator('a').first().click()]);
  assert.match(await page.locator('aside').innerText(), /Medicines/, 'the chart stands beside it');
  await assertAccessible(page, 'a note to be cosigned');
  await page.setViewportSize(sizes.phone);
  await assertFits(page, 'a note to be cosigned, on a phone');
  await page.setViewportSize(sizes.desk);
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Control+Enter')]);
  const text = await page.locator('main').innerText();
  assert.match(text, /Signed by [\s\S]+Cosigned by /);
  assert.ok(!text.includes('Awaiting cosignature'));
  await assertAccessible(page, 'a cosigned note');
  assert.match((await printed(page)).join(''), /Signed by [\s\S]+Cosigned by /);
  await Promise.all([page.waitForURL(/by=cosigner$/), page.locator('a:text("What the cosigner saw")').click()]);
  assert.match(await page.locator('main').innerText(), /cosigned it/);
  assertQuiet(page);
  await context.close();
  await supervise('nurse');
});

test('a phrase of one’s own is written, typed in a note, and brings the chart’s values', async () => {
  const context = await asRole(browser, 'clinician');
  const page = await open(context);
  await page.goto(`${url}/phrases`);
  await assertAccessible(page, 'phrases');
  const name = `own${[...String(process.pid)].map((digit) => 'bcdfghjklm'[digit]).join('')}`;
  await page.locator('[name=name]').fill(name);
  await page.locator('[name=text]').fill('Seen with: ***\n.name');
  await Promise.all([page.waitForNavigation(), page.locator('button:text("Save the phrase")').click()]);
  assert.match(await page.locator('main').innerText(), new RegExp(`\\.${name}`));
  await begin(page, known[6], 'nurse');
  const area = page.locator('textarea[id="text-1-observations"]');
  await area.fill('');
  await area.pressSequentially(`Today .${name}`);
  await page.keyboard.press('Space');
  await page.waitForFunction(() => document.getElementById('text-1-observations').value.includes('***'));
  const text = await area.inputValue();
  assert.ok(text.startsWith('Today Seen with: ***\n') && text.toUpperCase().includes(familyOf(known[6]).toUpperCase()), text);
  await page.keyboard.type('nobody');
  assert.ok((await area.inputValue()).includes('Seen with: nobody'), 'its first stop is typed over');
  await saved(page);
  await page.goto(`${url}/phrases/${name}`);
  await assertAccessible(page, 'a phrase');
  await page.locator('summary:text("Take it away…")').click();
  await Promise.all([page.waitForURL(/\/phrases$/), page.locator('button.danger').click()]);
  assert.ok(!(await page.locator('main').innerText()).includes(`.${name}`));
  assertQuiet(page);
  await context.close();
});

test('a draft in the wrong chart goes to the right patient, and both charts tell', async () => {
  const [wrong, right] = [known[7], known[8]];
  const context = await asRole(browser, 'clinician');
  const page = await open(context);
  await begin(page, wrong, 'nurse');
  const draft = page.url();
  await page.locator('textarea[id="text-2-done"]').fill('Dressing changed');
  await saved(page);
  await Promise.all([page.waitForURL(/\/move$/), page.locator('a:text("Wrong patient")').click()]);
  await page.locator('main [name=q]').fill(`${familyOf(right)} ${right.birthDate}`);
  await Promise.all([page.waitForNavigation(), page.locator('main button.primary').click()]);
  await page.goto(`${draft}/move/${right.id}`);
  await assertAccessible(page, 'where a note goes');
  await page.locator('[name=reason]').fill('Written in the wrong chart');
  await Promise.all([page.waitForURL(new RegExp(`/patients/${right.id}/drafts/`)), page.locator('main button.danger').click()]);
  assert.match(await page.locator('main').innerText(), /Moved here from another patient’s chart/);
  assert.match(await page.locator('textarea[id="text-2-done"]').inputValue(), /^\*\*\* Moved .*\nDressing changed$/);
  await assertAccessible(page, 'a draft that came from another chart');
  await page.goto(`${url}/patients/${wrong.id}/notes`);
  assert.match(await page.locator('main').innerText(), /Drafts written here by mistake and moved/);
  await assertAccessible(page, 'notes with one that left');
  assertQuiet(page);
  await context.close();
});

test('a manager copies a shipped template, and notes are begun from it', async () => {
  const managing = await asRole(browser, 'manager');
  const manager = await open(managing);
  await manager.goto(`${url}/templates`);
  await assertAccessible(manager, 'templates');
  await Promise.all([manager.waitForURL(/copy=nurse$/), manager.locator('a[href$="copy=nurse"]').click()]);
  const title = `Wound check ${process.pid}`;
  await manager.locator('[name=title]').fill(title);
  await manager.locator('[name=sections]').fill('Wound\n## Wound\nEdges: ***');
  await Promise.all([manager.waitForNavigation(), manager.locator('main button.primary').click()]);
  assert.match(await manager.locator('.error-summary').innerText(), /line 1: begin with a heading/);
  await assertAccessible(manager, 'a template with something to mend');
  await manager.locator('[name=sections]').fill('## Wound\nEdges: ***');
  await Promise.all([manager.waitForURL(/\/templates$/), manager.locator('main button.primary').click()]);
  assertQuiet(manager);
  await managing.close();
  const context = await asRole(browser, 'clinician');
  const page = await open(context);
  await page.goto(`${url}/patients/${known[9].id}/notes/new`);
  await Promise.all([page.waitForURL(/\/drafts\//), page.locator(`button:text-is("${title}")`).click()]);
  assert.equal(await page.locator('textarea').first().inputValue(), 'Edges: ***');
  assertQuiet(page);
  await context.close();
});
