// Texts that were written to break a page are shown as they are, and run nowhere: in the chart, the search, the palette, the lists.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertFits, assertQuiet, launch, open, sizes } from './support/browser.mjs';
import { api, asRole, url } from './support/practice.mjs';

const texts = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' autofocus onfocus=alert(1) x='",
  'javascript:alert(1)',
  '</title><script>alert(1)</script>',
  '<a href="javascript:alert(1)" hx-get="/audit" hx-trigger="load">x</a>',
  '{{constructor.constructor("alert(1)")()}}',
  '<style>*{display:none}</style><base href="https://elsewhere.example/">',
  '\u202Egnikcah\u202C \u200B\u2066\u2069',
  "Robert'); DROP TABLE patient;--",
  '%00%0d%0aSet-Cookie:x=1 \\u003cscript\\u003e',
  `Long${'wordwithoutanyspace'.repeat(8)}`,
];

let browser;
let ids;

const coded = (text) => ({ text, coding: [{ system: 'urn:example:hostile', code: 'x', display: text }] });

/** One patient for each text, with the text in every field a page shows. */
async function register(text, at) {
  const patient = await api('Patient', { method: 'POST', body: {
    resourceType: 'Patient', active: true, gender: 'other', birthDate: `19${60 + at}-02-03`,
    name: [{ use: 'official', family: `Hostile ${text}`, given: [text], prefix: [text] }, { use: 'nickname', given: [text] }, { use: 'maiden', family: text }],
    telecom: [{ system: 'phone', value: text }, { system: 'email', value: text }],
    address: [{ line: [text], city: text, state: text, postalCode: text }],
    contact: [{ name: { text }, relationship: [{ text }] }],
    communication: [{ language: { text }, preferred: true }],
  } });
  const subject = { reference: `Patient/${patient.id}` };
  const parts = [
    { resourceType: 'Condition', subject, code: coded(text), clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] }, note: [{ text }] },
    { resourceType: 'AllergyIntolerance', patient: subject, code: coded(text), clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }] }, reaction: [{ manifestation: [{ text }], severity: 'severe' }] },
    { resourceType: 'MedicationRequest', status: 'active', intent: 'order', subject, medicationCodeableConcept: coded(text), dosageInstruction: [{ text }], authoredOn: '2026-01-02' },
    { resourceType: 'Observation', status: 'final', subject, code: coded(text), valueString: text, effectiveDateTime: '2026-01-02', category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] }], note: [{ text }] },
    { resourceType: 'Immunization', status: 'completed', patient: subject, vaccineCode: coded(text), occurrenceDateTime: '2026-01-02', lotNumber: text },
    { resourceType: 'Procedure', status: 'completed', subject, code: coded(text), performedDateTime: '2026-01-02' },
    { resourceType: 'Encounter', status: 'finished', class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB', display: text }, subject, type: [{ text }], reasonCode: [{ text }], period: { start: '2026-01-02T09:00:00Z' } },
    { resourceType: 'DocumentReference', status: 'current', subject, type: { text }, description: text, content: [{ attachment: { contentType: 'text/html', title: text, data: Buffer.from(`<script>alert(1)</script>${text}`).toString('base64') } }] },
  ];
  for (const body of parts) await api(body.resourceType, { method: 'POST', body });
  return patient.id;
}

before(async () => {
  browser = await launch();
  ids = [];
  for (const [at, text] of texts.entries()) ids.push(await register(text, at));
});
after(() => browser.close());

describe('hostile texts', () => {
  test('in every section of a chart', async () => {
    const context = await asRole(browser, 'clinician', { viewport: sizes.phone });
    const page = await open(context);
    for (const [at, id] of ids.entries()) {
      await page.goto(`${url}/patients/${id}`);
      const sections = await page.locator('nav.sections a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
      for (const section of sections) {
        await page.goto(url + section);
        assertQuiet(page, `${section} with ${texts[at]}`);
        await assertFits(page, `${section} with ${texts[at]}`);
        assert.equal(await page.locator('main script, main base, main style, main [onload], main [onerror], main [onfocus]').count(), 0);
      }
    }
    await context.close();
  });

  test('values, units and ranges of any length stay in their cards at every width', async () => {
    const { id } = await api('Patient', { method: 'POST', body: { resourceType: 'Patient', name: [{ family: 'Hostilevalues', given: ['Val'] }], birthDate: '1950-02-03', gender: 'other' } });
    const long = 'unit'.repeat(40);
    const quantity = (value, unit) => ({ value, unit, system: 'http://unitsofmeasure.org', code: unit });
    const loinc = (code, text) => ({ text, coding: [{ system: 'http://loinc.org', code }] });
    const observation = (category, code, rest, day) => ({ resourceType: 'Observation', status: 'final', subject: { reference: `Patient/${id}` }, effectiveDateTime: `2026-01-0${day}T10:00:00Z`, category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: category }] }], code, ...rest });
    const range = [{ low: quantity(1e-9, long), high: quantity(1.23456789e20, long) }, { text: long }];
    for (const day of [1, 2, 3]) {
      const pressure = (unit) => ({ component: [['8480-6', 106.15610383944654], ['8462-4', 84.33327515701117]].map(([code, value]) => ({ code: loinc(code, code), valueQuantity: quantity(value, unit) })) });
      for (const body of [
        observation('vital-signs', loinc('85354-9', 'Blood pressure'), pressure('mm[Hg]'), day),
        observation('vital-signs', loinc('8867-4', 'Heart rate'), { valueQuantity: quantity(72 + day / 7, long), referenceRange: range }, day),
        observation('laboratory', loinc('4548-4', 'Hemoglobin A1c'), { valueQuantity: quantity(7.4987279015619155, '%'), referenceRange: range, interpretation: [{ text: `PANIC${long}` }] }, day),
        observation('laboratory', loinc('2160-0', 'Creatinine'), { valueString: long, referenceRange: range }, day),
        observation('laboratory', loinc('6298-4', 'Potassium'), { dataAbsentReason: { text: long }, referenceRange: range }, day),
        observation('survey', { text: long }, { valueQuantity: quantity(1.5e300, long) }, day),
      ]) await api('Observation', { method: 'POST', body });
    }
    for (const width of [320, 390, 600, 820, 1024, 1280, 1440]) {
      const context = await asRole(browser, 'clinician', { viewport: { width, height: 900 } });
      const page = await open(context);
      for (const section of ['', '/timeline', '/results?show=table', '/vitals', '/results?show=other', '/changes']) {
        await page.goto(`${url}/patients/${id}${section}`);
        await assertFits(page, `${section} at ${width}`);
      }
      await page.goto(`${url}/patients/${id}/results?show=other`);
      await page.locator('main tbody th a').first().click();
      await assertFits(page, `a result at ${width}`);
      await context.close();
    }
  });

  test('in the search page and the palette', async () => {
    const context = await asRole(browser, 'clinician');
    const page = await open(context);
    for (const text of ['Hostile', ...texts]) {
      await page.goto(`${url}/search`);
      await page.locator('main input[name=q]').fill(text);
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
      assertQuiet(page, `search for ${text}`);
      await page.keyboard.press('Control+k');
      const answered = page.waitForResponse(/\/search\/palette$/);
      await page.locator('#palette-input').fill(text);
      assert.ok((await answered).ok(), `palette for ${text}`);
      assertQuiet(page, `palette for ${text}`);
    }
    await context.close();
  });

  test('typed into the registration form they come back as typed', async () => {
    const context = await asRole(browser, 'front-desk');
    const page = await open(context);
    for (const text of texts.slice(0, 6)) {
      await page.goto(`${url}/patients/new`);
      await page.getByLabel(/^Family name/).fill(text);
      await page.getByLabel(/^Birth date/).fill('not a date');
      await page.locator('main button.primary').click();
      await page.locator('.error-summary').waitFor();
      assert.equal(await page.getByLabel(/^Family name/).inputValue(), text);
      assert.equal(await page.evaluate(() => document.activeElement.className), 'error-summary');
      assertQuiet(page, text);
    }
    await context.close();
  });
});
