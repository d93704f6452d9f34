// A chart is the right patient's, in sight, light, printable, and reachable with the keyboard alone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertQuiet, launch, open, sizes } from './support/browser.mjs';
import { printed } from './support/print.mjs';
import { account, api, asRole, familyOf, patients, recordNumberOf, url } from './support/practice.mjs';

const COLD_BYTES = 80 * 1024;
const COLD_REQUESTS = 5;
let browser;
let patient;

before(async () => {
  browser = await launch();
  [patient] = await patients();
});
after(() => browser.close());

const spaced = (number) => number.replace(/(\d)(?=(\d{3})+$)/g, '$1 ');
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const shownDate = (iso) => [iso.slice(8, 10), months[Number(iso.slice(5, 7)) - 1], iso.slice(0, 4)].join('-');

async function chart(options, path = '') {
  const context = await asRole(browser, 'clinician', options);
  const page = await open(context);
  await page.goto(`${url}/patients/${patient.id}${path}`);
  return page;
}

describe('the right patient', () => {
  test('the banner shows name, birth date, sex and record number, and stays in sight in every section and size', async () => {
    for (const viewport of Object.values(sizes)) {
      const page = await chart({ viewport });
      const sections = await page.locator('nav.sections a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
      assert.ok(sections.length >= 10, `${sections.length} sections`);
      for (const section of sections) {
        await page.goto(url + section);
        const banner = await page.locator('.banner').innerText();
        for (const words of [familyOf(patient).toUpperCase(), shownDate(patient.birthDate), spaced(recordNumberOf(patient))]) {
          assert.ok(banner.replaceAll('\u00a0', ' ').includes(words), `${section}: ${words} in ${banner}`);
        }
        await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
        const name = await page.locator('.banner h1').evaluate((heading) => {
          const box = heading.getBoundingClientRect();
          return box.top >= 0 && box.bottom <= window.innerHeight && heading.contains(document.elementFromPoint(box.left + 4, box.top + box.height / 2));
        });
        assert.ok(name, `the name is out of sight in ${section} at ${viewport.width}`);
        assert.ok((await page.title()).includes(familyOf(patient).toUpperCase()), `title of ${section}`);
      }
      assertQuiet(page);
      await page.context().close();
    }
  });
});

describe('weight', () => {
  test('a cold chart takes at most 80 KB and 5 requests', async () => {
    const context = await asRole(browser, 'clinician');
    const page = await open(context);
    const devtools = await context.newCDPSession(page);
    await devtools.send('Network.enable');
    const asked = new Map();
    devtools.on('Network.requestWillBeSent', ({ requestId, request }) => asked.set(requestId, { url: request.url, bytes: 0 }));
    devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      if (asked.has(requestId)) asked.get(requestId).bytes = encodedDataLength;
    });
    await page.goto(`${url}/patients/${patient.id}`, { waitUntil: 'networkidle' });
    const all = [...asked.values()].filter((request) => !request.url.startsWith('data:'));
    const list = all.map((request) => `${new URL(request.url).pathname.split('/')[1]} ${request.bytes}`).join(', ');
    assert.ok(all.length <= COLD_REQUESTS, `${all.length} requests: ${list}`);
    const bytes = all.reduce((sum, request) => sum + request.bytes, 0);
    assert.ok(bytes <= COLD_BYTES, `${bytes} bytes: ${list}`);
    await context.close();
  });
});

describe('paper', () => {
  test('every sheet of every section carries name, birth date, record number and page n of m', async () => {
    const page = await chart();
    const sections = await page.locator('nav.sections a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    for (const section of sections) {
      await page.goto(url + section);
      const sheets = await printed(page);
      sheets.forEach((sheet, at) => {
        const text = sheet.replaceAll('\u00a0', ' ');
        for (const words of [familyOf(patient).toUpperCase(), shownDate(patient.birthDate), spaced(recordNumberOf(patient)), `Page ${at + 1} of ${sheets.length}`]) {
          assert.ok(text.includes(words), `“${words}” on sheet ${at + 1} of ${section}`);
        }
      });
    }
    await page.context().close();
  });

  test('tables stay tables on paper, and every result carries its date', async () => {
    const page = await chart({}, '/results');
    const columns = await page.locator('.matrix thead time').allInnerTexts();
    const values = await page.locator('.matrix td:not(:empty)').count();
    const sheets = (await printed(page)).join('\n');
    assert.ok(columns.every((date) => sheets.includes(date)), columns.join());
    const dated = sheets.match(/\d{2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2}/g) ?? [];
    assert.ok(dated.length >= values, `${dated.length} dates for ${values} values`);
    await page.goto(`${url}/patients/${patient.id}/medicines`);
    await page.emulateMedia({ media: 'print' });
    const shown = await page.locator('table.list td:not(.acts)').evaluateAll((all) => all.map((cell) => getComputedStyle(cell).display));
    assert.deepEqual([...new Set(shown)], ['table-cell']);
    await page.context().close();
  });
});

describe('by keyboard alone', () => {
  test('sign in, find a patient, open the chart, walk its sections, come back to find another', async () => {
    const context = await browser.newContext({ viewport: sizes.desk });
    const page = await open(context);
    const { username, password } = account('clinician');
    await page.goto(`${url}/sign-in`);
    for (let tabs = 0; tabs < 10 && (await page.evaluate(() => document.activeElement.getAttribute('autocomplete'))) !== 'username'; tabs += 1) await page.keyboard.press('Tab');
    await page.keyboard.type(username);
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await Promise.all([page.waitForURL(`${url}/`), page.keyboard.press('Enter')]);

    await page.keyboard.press('/');
    await page.keyboard.type(recordNumberOf(patient));
    await page.locator('#palette [role=option]').first().waitFor();
    await page.keyboard.press('ArrowDown');
    const chosen = await page.locator('[aria-selected=true]').innerText();
    assert.ok(chosen.includes(familyOf(patient).toUpperCase()) && chosen.replaceAll('\u00a0', ' ').includes(shownDate(patient.birthDate)), chosen);
    await Promise.all([page.waitForURL(`${url}/patients/${patient.id}`), page.keyboard.press('Enter')]);

    for (const [key, section] of [['p', 'problems'], ['m', 'medicines'], ['a', 'allergies'], ['v', 'visits'], ['l', 'results'], ['d', 'documents']]) {
      await Promise.all([page.waitForURL(`${url}/patients/${patient.id}/${section}`), page.keyboard.press(key)]);
    }
    await Promise.all([page.waitForURL(`${url}/patients/${patient.id}`), page.keyboard.press('s')]);
    await page.keyboard.press('g');
    await Promise.all([page.waitForURL(`${url}/`), page.keyboard.press('h')]);
    assertQuiet(page);
    await context.close();
  });

  test('what is typed to find a patient never reaches an address', async () => {
    const page = await chart();
    const family = familyOf(patient);
    const addresses = [];
    page.on('request', (request) => addresses.push(decodeURIComponent(request.url())));
    await page.keyboard.press('Control+k');
    await page.keyboard.type(family);
    await page.locator('#palette [role=option]').first().waitFor();
    await page.goto(`${url}/search`);
    await page.getByRole('searchbox').or(page.locator('main input[name=q]')).first().fill(family);
    await page.keyboard.press('Enter');
    await page.locator('.hits .hit').first().waitFor();
    assert.deepEqual(addresses.filter((address) => address.toLowerCase().includes(family.toLowerCase())), []);
    assert.ok(!page.url().toLowerCase().includes(family.toLowerCase()));
    await page.context().close();
  });
});

describe('locking', () => {
  test('locking hides the chart; the password brings it back; going back does not', async () => {
    const context = await browser.newContext({ viewport: sizes.desk });
    const page = await open(context);
    const { username, password } = account('clinician');
    await page.goto(`${url}/sign-in`);
    await page.locator('[name=username]').fill(username);
    await page.locator('[name=password]').fill(password);
    await Promise.all([page.waitForURL(`${url}/`), page.keyboard.press('Enter')]);
    await page.goto(`${url}/patients/${patient.id}`);
    await page.locator('details.menu summary').click();
    await Promise.all([page.waitForURL(/\/lock/), page.getByRole('button', { name: 'Lock' }).click()]);
    assert.ok(!(await page.content()).includes(familyOf(patient).toUpperCase()));
    await page.goto(`${url}/patients/${patient.id}`);
    assert.ok(!(await page.content()).includes(recordNumberOf(patient)), 'a locked session shows no chart');
    await page.goto(`${url}/lock`);
    await page.locator('[name=password]').fill(password);
    await Promise.all([page.waitForURL((address) => !address.pathname.startsWith('/lock') && !address.pathname.startsWith('/unlock')), page.keyboard.press('Enter')]);
    assertQuiet(page);
    await context.close();
  });
});

describe('a chart in the wild', () => {
  test('a chart without script reads and moves as well', async () => {
    const context = await asRole(browser, 'clinician', { javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${url}/patients/${patient.id}`);
    await page.getByRole('navigation', { name: 'Chart' }).getByRole('link', { name: /^Problems/ }).click();
    await page.waitForURL(/\/problems$/);
    await page.locator('.topbar .find').click();
    await page.waitForURL(`${url}/search`);
    await page.locator('main input[name=q]').fill(familyOf(patient));
    await page.keyboard.press('Enter');
    await page.locator('.hits .hit').first().waitFor();
    await context.close();
  });

  test('the API sees the patient the page shows', async () => {
    const read = await api(`Patient/${patient.id}`);
    assert.equal(read.id, patient.id);
  });
});
