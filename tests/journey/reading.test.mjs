// A chart is read on any screen and on paper: a PDF in its page, results on a phone, an entry in words, each patient in their own colour.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertAccessible, assertFits, assertQuiet, assertTargets, launch, open, sizes, themes } from './support/browser.mjs';
import { printed } from './support/print.mjs';
import { api, asRole, familyOf, patients, recordNumberOf, url } from './support/practice.mjs';

let browser;
let everybody;
before(async () => {
  browser = await launch();
  everybody = await patients();
});
after(() => browser.close());

/** The bytes of a PDF of some sheets, each with one line in Helvetica, which it does not bring along. */
function pdf(lines) {
  const objects = ['<< /Type /Catalog /Pages 2 0 R >>', `<< /Type /Pages /Count ${lines.length} /Kids [${lines.map((_, at) => `${4 + 2 * at} 0 R`).join(' ')}] >>`, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'];
  lines.forEach((line, at) => {
    const content = `BT /F1 24 Tf 72 700 Td (${line}) Tj ET`;
    objects.push(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${5 + 2 * at} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`, `<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
  });
  let text = '%PDF-1.4\n';
  const places = objects.map((object, at) => {
    const place = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const start = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('')}`;
  return Buffer.from(`${text}trailer << /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF`);
}

async function filed(patient, bytes, title) {
  const body = { resourceType: 'DocumentReference', status: 'current', subject: { reference: `Patient/${patient.id}` }, date: '2026-01-02T10:00:00Z', description: title, type: { text: 'Letter' }, content: [{ attachment: { contentType: 'application/pdf', title, data: bytes.toString('base64') } }] };
  const { id } = await api('DocumentReference', { method: 'POST', body });
  return `${url}/patients/${patient.id}/documents/${id}`;
}

describe('a PDF', () => {
  test('is drawn in its page, turned and magnified by keyboard, with its text beside it', async () => {
    const [patient] = everybody;
    const address = await filed(patient, pdf(['Sheet one of the letter', 'Sheet two of the letter']), 'Letter in two sheets');
    for (const viewport of Object.values(sizes)) {
      for (const colorScheme of themes) {
        const context = await asRole(browser, 'nurse', { viewport, colorScheme });
        const page = await open(context);
        await page.goto(address);
        await page.getByText('Page 1 of 2', { exact: true }).waitFor();
        await page.locator('.pdf-text summary').press('Enter');
        await page.getByText('Sheet one of the letter').waitFor();
        const ink = () => page.locator('.pdf-sheet canvas').evaluate((canvas) => {
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          let dark = 0;
          for (let at = 0; at < data.length; at += 4) dark += data[at] < 100 && data[at + 3] > 200 ? 1 : 0;
          return dark;
        });
        assert.ok((await ink()) > 50, 'the words are drawn, with a font of our own');
        await assertFits(page, 'a PDF');
        await assertTargets(page, 'a PDF');
        await assertAccessible(page, 'a PDF');
        const before = await page.locator('.pdf-sheet canvas').evaluate((canvas) => canvas.clientWidth);
        await page.getByRole('button', { name: 'Next page' }).press('Enter');
        await page.getByText('Sheet two of the letter').waitFor();
        assert.equal(await page.locator('.pdf-sheet canvas').getAttribute('aria-label'), 'Letter in two sheets, page 2 of 2. Its text follows.');
        await page.getByRole('button', { name: 'Larger' }).press('Enter');
        await page.waitForFunction((width) => document.querySelector('.pdf-sheet canvas').clientWidth > width, before);
        await assertFits(page, 'a PDF, larger');
        assertQuiet(page, 'a PDF');
        await context.close();
      }
    }
  });

  test('that cannot be shown says so, and is there to download; so it is without script', async () => {
    const [patient] = everybody;
    const address = await filed(patient, Buffer.from('%PDF-1.7\nnothing more'), 'A broken letter');
    const page = await open(await asRole(browser, 'nurse'));
    await page.goto(address);
    await page.getByText('This document cannot be shown here.').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()]);
    assert.equal(download.suggestedFilename(), 'document-0.pdf');
    await page.context().close();
    const bare = await (await asRole(browser, 'nurse', { javaScriptEnabled: false })).newPage();
    await bare.goto(address);
    assert.match(await bare.locator('main').innerText(), /Download it to read it/);
    await bare.context().close();
  });
});

describe('results on a phone', () => {
  test('each test is a stack of dated values, whole, without scrolling sideways', async () => {
    for (const width of [390, 320]) {
      const context = await asRole(browser, 'clinician', { viewport: { width, height: 844 } });
      const page = await open(context);
      for (const view of ['table', 'vitals']) {
        await page.goto(`${url}/patients/${everybody[0].id}/results?show=${view}`);
        const wrong = await page.locator('.matrix td:not(:empty)').evaluateAll((cells) => cells.filter((cell) => {
          const box = cell.getBoundingClientRect();
          const label = getComputedStyle(cell, '::before').content;
          return box.left < 0 || box.right > innerWidth || cell.scrollWidth > cell.clientWidth + 1 || !/\d{2}-[A-Z][a-z]{2}-\d{4}/.test(label);
        }).map((cell) => cell.textContent));
        assert.deepEqual(wrong, [], `${view} at ${width}`);
        assert.ok(await page.locator('.scroll').evaluateAll((all) => all.every((area) => area.scrollWidth <= area.clientWidth + 1)), `${view} at ${width}`);
        await assertFits(page, view);
      }
      await context.close();
    }
  });
});

describe('an entry', () => {
  test('of every kind reads without a word of FHIR’s own, and its JSON is behind the technical view', async () => {
    const context = await asRole(browser, 'clinician');
    const page = await open(context);
    for (const kind of ['Condition', 'MedicationRequest', 'Observation', 'AllergyIntolerance', 'Immunization', 'Encounter', 'DiagnosticReport', 'DocumentReference', 'Procedure', 'Coverage', 'Appointment', 'CareTeam', 'FamilyMemberHistory']) {
      // Of the demo's own patients: what other journeys type into charts is meant to look raw.
      const found = await Promise.all(everybody.slice(0, 6).map(({ id }) => api(`${kind}?patient=${id}&_count=1`).then(({ entry = [] }) => entry.map(({ resource }) => [id, resource]))));
      for (const [chart, resource] of found.flat().slice(0, 3)) {
        const answer = await page.goto(`${url}/patients/${chart}/changes/${kind}/${resource.id}`);
        assert.equal(answer.status(), 200, kind);
        const said = await page.locator('[aria-labelledby=facts-title]').innerText();
        const raw = said.match(/\b[a-z]+[A-Z]\w+|https?:|urn:|\b\d{4}-\d{2}-\d{2}|undefined|\bPatient\//g)?.filter((word) => !/^(kPa|mmHg|pH|mL|dL|uL|fL|eGFR|mRNA)/.test(word));
        assert.ok(!raw?.length, `${kind}: ${raw} in ${said}`);
        await page.locator('summary:has-text("Technical view")').press('Enter');
        assert.ok((await page.locator('pre.source').innerText()).includes(`"resourceType": "${kind}"`));
      }
    }
    await assertAccessible(page, 'an entry');
    assertQuiet(page);
    await context.close();
  });

  test('and a document carry the patient’s identity on every printed sheet', async () => {
    const [patient] = everybody;
    const document = await filed(patient, pdf(['One sheet']), 'Letter for paper');
    const page = await open(await asRole(browser, 'clinician'));
    for (const address of [document, document.replace('/documents/', '/changes/DocumentReference/')]) {
      await page.goto(address, { waitUntil: 'networkidle' });
      for (const sheet of await printed(page)) {
        const text = sheet.replaceAll('\u00a0', ' ');
        for (const words of [familyOf(patient).toUpperCase(), recordNumberOf(patient).replace(/(\d)(?=(\d{3})+$)/g, '$1 '), 'Page ']) assert.ok(text.includes(words), words);
      }
    }
    await page.context().close();
  });
});

test('each chart has a colour of its own, beside the name and never instead of it', async () => {
  const page = await open(await asRole(browser, 'clinician'));
  const seen = new Set();
  for (const patient of everybody.slice(0, 6)) {
    await page.goto(`${url}/patients/${patient.id}`);
    seen.add(await page.locator('.banner').evaluate((banner) => getComputedStyle(banner).borderTopColor));
    assert.ok((await page.locator('.banner h1').innerText()).includes(familyOf(patient).toUpperCase()));
  }
  assert.ok(seen.size >= 3, [...seen].join());
  await page.context().close();
});

describe('every page of a chart', () => {
  const paths = ['', '/results', '/documents', '/notes', '/medicines', '/edit', '/changes'];

  test('fits with text twice as large', async () => {
    const page = await open(await asRole(browser, 'clinician', { viewport: sizes.tablet }));
    for (const path of paths) {
      await page.goto(`${url}/patients/${everybody[0].id}${path}`);
      await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
      await assertFits(page, path);
    }
    await page.context().close();
  });

  test('has its keys behind ? and the palette behind Ctrl K', async () => {
    const page = await open(await asRole(browser, 'clinician'));
    for (const path of paths) {
      await page.goto(`${url}/patients/${everybody[0].id}${path}`);
      await page.evaluate(() => document.activeElement.blur());
      await page.keyboard.press('?');
      await page.locator('#keys-help').getByText('Find a patient').first().waitFor();
      await page.keyboard.press('Escape');
      await page.locator('#keys-help').waitFor({ state: 'detached' });
      await page.keyboard.press('Control+k');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'palette-input', path);
      await page.keyboard.press('Escape');
      assertQuiet(page, path);
    }
    await page.context().close();
  });

  test('never hides what has the focus, forwards or backwards', async () => {
    for (const viewport of Object.values(sizes)) {
      const page = await open(await asRole(browser, 'clinician', { viewport }));
      for (const path of ['', '/results']) {
        await page.goto(`${url}/patients/${everybody[0].id}${path}`);
        const many = await page.locator('main a, main button, main [tabindex="0"], main summary').count();
        await page.locator('main a').last().focus();
        for (let tabs = 0; tabs < Math.min(many, 60); tabs += 1) {
          await page.keyboard.press('Shift+Tab');
          const hidden = await page.evaluate(() => {
            const focused = document.activeElement;
            if (!focused.closest('main')) return null;
            const box = focused.getClientRects()[0];
            const at = document.elementFromPoint(box.left + Math.min(box.width / 2, innerWidth / 3), box.top + Math.min(box.height / 2, 20));
            return focused.contains(at) || at?.contains(focused) ? null : `${focused.outerHTML.slice(0, 90)} is behind ${at?.outerHTML.slice(0, 60)}`;
          });
          assert.equal(hidden, null, `${path} at ${viewport.width}`);
        }
      }
      await page.context().close();
    }
  });
});
