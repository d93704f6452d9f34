// The design system and the script by themselves, on pages made of the shapes in crates/assets/web/README.md.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { serve } from './gallery/serve.mjs';
import { assertAccessible, assertFits, assertQuiet, assertTargets, launch, open, sizes, themes } from './support/browser.mjs';
import { printed } from './support/print.mjs';

const keys = JSON.parse(fs.readFileSync(new URL('../../crates/assets/web/src/keys.json', import.meta.url)));
let gallery;
let browser;

before(async () => {
  [gallery, browser] = await Promise.all([serve(), launch()]);
});
after(() => Promise.all([gallery.close(), browser.close()]));

async function visit(address, options = {}) {
  const context = await browser.newContext({ viewport: sizes.desk, ...options });
  const page = await open(context);
  await page.goto(gallery.url + address);
  return page;
}

describe('every shape', () => {
  for (const name of ['chart?flag', 'form', 'gate']) {
    for (const [size, viewport] of Object.entries(sizes)) {
      for (const colorScheme of themes) {
        test(`${name} on a ${size}, ${colorScheme}`, async () => {
          const page = await visit(`/${name}`, { viewport, colorScheme });
          await assertFits(page, name);
          await assertTargets(page, name);
          await assertAccessible(page, name);
          assertQuiet(page, name);
          await page.context().close();
        });
      }
    }
  }

  test('the user’s theme wins over the system’s', async () => {
    const page = await visit('/chart?data-theme=dark', { colorScheme: 'light' });
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(paper, 'rgb(18, 23, 28)');
    await assertAccessible(page);
  });

  test('text twice as large still fits a tablet', async () => {
    const page = await visit('/chart?flag', { viewport: sizes.tablet });
    await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
    await assertFits(page);
  });

  test('fingers get targets of 44 px', async () => {
    const page = await visit('/form', { viewport: sizes.phone, hasTouch: true, isMobile: true });
    const heights = await page.locator('.form .btn:not(.small), .form input:not([type=checkbox]), .form select, .topbar .btn').evaluateAll((all) => all.map((element) => element.getBoundingClientRect().height));
    assert.ok(heights.length > 5 && heights.every((height) => height >= 44), heights.join(' '));
  });

  test('the banner stays in sight and never hides what has the focus', async () => {
    for (const viewport of Object.values(sizes)) {
      const page = await visit('/chart?long', { viewport });
      await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight / 2));
      const top = await page.locator('.banner h1').evaluate((name) => name.getBoundingClientRect().top);
      assert.ok(top >= 0 && top < 120, `name at ${top}`);
      await page.locator('a:text("All results")').focus();
      await page.keyboard.press('Shift+Tab');
      const hidden = await page.evaluate(() => {
        const box = document.activeElement.getBoundingClientRect();
        const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
        return !(document.activeElement.contains(at) || at?.contains(document.activeElement));
      });
      assert.equal(hidden, false);
      await page.context().close();
    }
  });
});

describe('keys', () => {
  test('the help lists the keys that act on this page, and only those', async () => {
    const page = await visit('/chart');
    await page.keyboard.press('?');
    const shown = await page.locator('#keys-help dt').evaluateAll((all) => all.map((term) => [...term.children].map((cap) => cap.textContent).join(' ')));
    const here = await page.locator('[data-key]').evaluateAll((all) => all.map((element) => element.dataset.key));
    const expected = keys.filter(({ key, action }) => action || here.includes(key)).map(({ key }) => key);
    assert.deepEqual(shown.sort(), expected.sort());
    await assertAccessible(page, 'help');
    await page.keyboard.press('Escape');
    await page.locator('#keys-help').waitFor({ state: 'detached' });
  });

  test('each section opens by its key, and [ and ] walk them', async () => {
    const page = await visit('/chart');
    for (const { key } of keys.filter(({ group, action }) => group === 'In a chart' && !action)) {
      const href = await page.locator(`nav.sections [data-key="${key}"]`).getAttribute('href');
      await Promise.all([page.waitForURL(gallery.url + href), page.keyboard.press(key)]);
      await page.goto(`${gallery.url}/chart`);
    }
    await Promise.all([page.waitForURL(/\/timeline$/), page.keyboard.press(']')]);
    await page.goto(`${gallery.url}/chart`);
    await Promise.all([page.waitForURL(/\/access$/), page.keyboard.press('[')]);
  });

  test('g h goes home; typing in a field does not', async () => {
    const page = await visit('/form');
    await page.locator('#given').focus();
    await page.keyboard.type('g h ? / n');
    assert.equal(await page.locator('#given').inputValue(), 'g h ? / n');
    assert.equal(await page.locator('dialog[open]').count(), 0);
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('g');
    await Promise.all([page.waitForURL(`${gallery.url}/`), page.keyboard.press('h')]);
  });

  test('single keys can be turned off; Ctrl K still finds', async () => {
    const page = await visit('/chart?data-single-keys=off');
    await page.keyboard.press('?');
    await page.keyboard.press('p');
    assert.equal(await page.locator('dialog[open]').count(), 0);
    await page.keyboard.press('Control+k');
    await page.locator('#palette[open]').waitFor();
  });
});

describe('the palette', () => {
  test('finds as one types, is walked with arrows, opens with Enter, and puts nothing in the address', async () => {
    const page = await visit('/chart');
    await page.keyboard.press('/');
    await page.keyboard.type('lar');
    await page.locator('#palette [role=option]').first().waitFor();
    assert.equal(page.url(), `${gallery.url}/chart`);
    const asked = gallery.posts.at(-1);
    assert.deepEqual([asked.path, asked.token, new URLSearchParams(asked.body).get('csrf')], ['/search/palette', 'gallery', 'gallery']);
    assert.equal(await page.locator('[aria-selected=true]').count(), 0);
    await assertAccessible(page, 'palette');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.locator('#palette-input').getAttribute('aria-activedescendant'), await page.locator('[aria-selected=true]').getAttribute('id'));
    await page.keyboard.press('ArrowUp');
    await Promise.all([page.waitForURL(/hit=0$/), page.keyboard.press('Enter')]);
    assertQuiet(page);
  });

  test('a sole hit is never opened by itself, and Enter without a choice opens nothing', async () => {
    const page = await visit('/chart');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('one');
    await page.locator('text=ONLY, Olga').waitFor();
    await page.keyboard.press('Enter');
    assert.equal(page.url(), `${gallery.url}/chart`);
    assert.match(await page.locator('.palette-status').textContent(), /^1 patient found/);
  });

  test('a late answer to an older question is dropped', async () => {
    const page = await visit('/chart');
    await page.keyboard.press('Control+k');
    const late = page.waitForRequest((request) => request.postData()?.includes('q=slow'));
    await page.keyboard.type('slow');
    const asked = await late;
    await page.locator('#palette-input').fill('lar');
    await page.locator('#palette .hit-name:text("LARSEN, Liam")').waitFor();
    assert.equal(asked.failure()?.errorText, 'net::ERR_ABORTED');
    assert.equal(await page.locator('text=SLOW, Sam').count(), 0);
  });

  test('what is found is forgotten on closing, and nothing in it runs', async () => {
    const page = await visit('/chart');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('lar');
    await page.locator('text=<img src=x').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#palette').waitFor({ state: 'hidden' });
    assert.equal(await page.locator('#palette [role=option]').count(), 0);
    assertQuiet(page);
  });

  test('nothing found says so', async () => {
    const page = await visit('/chart');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('none');
    await page.locator('text=No patient matches').waitFor();
    assert.equal(await page.locator('#palette-input').getAttribute('aria-expanded'), 'false');
  });
});

describe('forms and dialogs', () => {
  test('the error summary has the focus and leads to the field', async () => {
    const page = await visit('/form');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'error-summary');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'family');
  });

  test('leaving with unsaved changes is asked about; saving is not', async () => {
    const page = await visit('/form');
    const asked = [];
    page.on('dialog', (dialog) => asked.push(dialog.type()));
    await page.locator('#given').pressSequentially('Ann');
    await page.goto(`${gallery.url}/gate`);
    assert.deepEqual(asked, ['beforeunload']);
    await page.goto(`${gallery.url}/form`);
    await page.locator('#given').pressSequentially('Ann');
    const sent = gallery.posts.length;
    await Promise.all([page.waitForEvent('domcontentloaded'), page.locator('.btn.primary').dblclick()]);
    assert.deepEqual(asked, ['beforeunload']);
    assert.equal(gallery.posts.length, sent + 1, 'sent once, though clicked twice');
  });

  test('a dialog opens by button and closes by button or Escape', async () => {
    const page = await visit('/form');
    await page.locator('[data-open=ask]').click();
    await assertAccessible(page, 'dialog');
    await page.locator('[data-close]').click();
    assert.equal(await page.locator('dialog[open]').count(), 0);
  });
});

describe('the idle lock', () => {
  test('hides the chart in every tab and locks the session on the server', async () => {
    const context = await browser.newContext({ viewport: sizes.desk });
    const [first, second] = [await open(context), await open(context)];
    await first.goto(`${gallery.url}/chart?data-idle-seconds=1`);
    await second.goto(`${gallery.url}/chart?data-idle-seconds=900`);
    await Promise.all([first.waitForURL(/\/lock\?next=%2Fchart/), second.waitForURL(/\/lock\?next=%2Fchart/)]);
    const locks = gallery.posts.filter(({ path }) => path === '/lock');
    assert.ok(locks.length >= 1 && locks.every(({ token }) => token === 'gallery'));
    await context.close();
  });
});

describe('paper', () => {
  test('each sheet names the patient and counts the pages; nothing of a wide table is lost', async () => {
    const page = await visit('/chart?long', { colorScheme: 'dark' });
    const sheets = await printed(page);
    assert.ok(sheets.length > 2);
    sheets.forEach((sheet, at) => {
      for (const words of ['LARSEN, Liam', '23-Dec-1979', '100 007', `Page ${at + 1} of ${sheets.length}`]) assert.ok(sheet.includes(words), `${words} on sheet ${at + 1}`);
    });
    const all = sheets.join('\n');
    for (const words of ['07-Nov-2026', 'Critically high', '146/79 mmHg']) assert.ok(all.includes(words), words);
    assert.ok(!all.includes('Find patient') && !all.includes('Prescribe'));
  });
});
