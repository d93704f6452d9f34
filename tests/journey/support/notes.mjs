// Notes as journeys write them.
import { url } from './practice.mjs';

/** Begins a note from a template; the page shows its draft then. */
export async function begin(page, patient, template) {
  await page.goto(`${url}/patients/${patient.id}/notes/new`);
  await Promise.all([page.waitForURL(/\/drafts\//), page.locator(`button[value=${template}]`).click()]);
}

// Asked by time: a page behind another one draws no frames.
export const saved = (page) => page.waitForFunction(() => document.querySelector('main').dataset.open === 'no' && /^Saved/.test(document.getElementById('saved').textContent), undefined, { polling: 100 });
