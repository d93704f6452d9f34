// Every page each role can reach, in every size and theme: accessible, nothing past the edge, nothing too small to hit, nothing logged as an
// error, no policy violated, dates as a chart writes them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertAccessible, assertFits, assertQuiet, assertTargets, launch, open, sizes, themes } from './support/browser.mjs';
import { crawl } from './support/crawl.mjs';
import { asRole, patients, url } from './support/practice.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

async function inspect(page, path) {
  const response = await page.goto(url + path);
  assert.ok(response.status() < 400, `${path} answers ${response.status()}`);
  await assertFits(page, path);
  await assertTargets(page, path);
  await assertAccessible(page, path);
  assertQuiet(page, path);
}

/** Dates that are not DD-Mmm-YYYY, in what a person reads. */
async function oddDates(page) {
  const text = await page.evaluate(() => {
    const copy = document.body.cloneNode(true);
    copy.querySelectorAll('pre, code, script, [data-as-written]').forEach((element) => element.remove());
    return copy.innerText;
  });
  return text.match(/\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}\/\d{1,2}\/\d{2,4}\b|\b\d{2}-\d{2}-\d{4}\b/g) ?? [];
}

// A chart with much in it: the section pages are only proved by content.
const starts = {
  clinician: async () => ['/', '/search', ...(await patients(5)).map(({ id }) => `/patients/${id}`)],
  'front-desk': async () => ['/', '/search', '/patients/new', ...(await patients(5)).map(({ id }) => `/patients/${id}`)],
  manager: async () => ['/', '/users', '/settings'],
  'privacy-officer': async () => ['/', '/audit'],
};

for (const [role, from] of Object.entries(starts)) {
  describe(`what a ${role} reaches`, () => {
    let kinds;
    before(async () => {
      const context = await asRole(browser, role);
      kinds = await crawl(context, await from());
      await context.close();
    });

    test('every link leads to a page', () => {
      const broken = [...kinds.values()].filter(({ status }) => status >= 400).map(({ path, status }) => `${path}: ${status}`);
      assert.deepEqual(broken, []);
    });

    for (const [size, viewport] of Object.entries(sizes)) {
      for (const colorScheme of themes) {
        test(`all on a ${size}, ${colorScheme}`, async (t) => {
          const context = await asRole(browser, role, { viewport, colorScheme });
          const page = await open(context);
          for (const [kind, { path, status }] of kinds) {
            if (status < 400) await t.test(kind, () => inspect(page, path));
          }
          await context.close();
        });
      }
    }

    test('dates are DD-Mmm-YYYY', async () => {
      const context = await asRole(browser, role);
      const page = await open(context);
      for (const [kind, { path, status }] of kinds) {
        if (status >= 400) continue;
        await page.goto(url + path);
        assert.deepEqual(await oddDates(page), [], kind);
      }
      await context.close();
    });
  });
}

describe('before signing in', () => {
  for (const colorScheme of themes) {
    test(`the sign-in page, ${colorScheme}`, async () => {
      for (const viewport of Object.values(sizes)) {
        const context = await browser.newContext({ viewport, colorScheme });
        await inspect(await open(context), '/sign-in');
        await context.close();
      }
    });
  }
});
