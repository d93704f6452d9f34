// Chromium as every journey uses it, and the watch that is kept over each page: nothing may be logged as an error, no policy violated, no
// dialog opened by data.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axeSource = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const sizes = { phone: { width: 320, height: 640 }, tablet: { width: 820, height: 1180 }, desk: { width: 1440, height: 900 } };
export const themes = ['light', 'dark'];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
}

/** A page that remembers what went wrong on it: `page.wrongs`. */
export async function open(context) {
  const page = await context.newPage();
  page.wrongs = [];
  page.on('console', (message) => {
    // A form with errors is answered 422, one with look-alikes 409, which the browser logs; that is the page's own doing.
    if (message.type() === 'error' && !/status of (409|422)/.test(message.text())) page.wrongs.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => page.wrongs.push(`script: ${error.message}`));
  page.on('dialog', (dialog) => {
    if (dialog.type() !== 'beforeunload') page.wrongs.push(`dialog: ${dialog.message()}`);
    return dialog.type() === 'beforeunload' ? dialog.accept() : dialog.dismiss();
  });
  return page;
}

/** Fails with everything that went wrong on the page since the last look. */
export function assertQuiet(page, where) {
  assert.deepEqual(page.wrongs.splice(0), [], where);
}

// axe asks the browser's debugger to add itself, so the page's own policy stays in force for the page's own code.
export async function assertAccessible(page, where) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`).join(' | ')}`);
  });
  assert.deepEqual(found, [], where);
}

/** Nothing makes the page scroll sideways, and nothing sticks out of the card that holds it. */
export async function assertFits(page, where) {
  const wide = await page.evaluate(() => {
    const named = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].join('.')} "${element.textContent.trim().slice(0, 40)}"`;
    const found = [];
    if (document.documentElement.scrollWidth > window.innerWidth) {
      for (const element of document.body.querySelectorAll('*')) {
        const box = element.getBoundingClientRect();
        if (box.right > window.innerWidth + 1 && !element.closest('.scroll, .sections, .vh')) found.push(`past the edge: ${named(element)}`);
      }
      if (found.length === 0) found.push('the page scrolls sideways');
    }
    for (const card of document.querySelectorAll('.card')) {
      const edge = card.getBoundingClientRect().right + 1;
      for (const cell of card.querySelectorAll('th, td, dd, .lead, p, .chip')) {
        const box = cell.getBoundingClientRect();
        if (box.width > 0 && box.right > edge && !cell.closest('.scroll, .vh, thead')) found.push(`out of its card: ${named(cell)}`);
      }
    }
    return found.slice(0, 5);
  });
  assert.deepEqual(wide, [], where);
}

/** Everything that is clicked or tapped is at least 24 px high and wide, unless it is a word in a sentence. */
export async function assertTargets(page, where) {
  const small = await page.evaluate(() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')]
    .filter((element) => element.checkVisibility() && !element.closest('.vh, .skip, p, li, td, th, dd, h1, h2, h3'))
    .map((element) => ({ box: element.getBoundingClientRect(), element }))
    .filter(({ box, element }) => (box.width < 24 || box.height < 24) && !(element.matches('[type=checkbox], [type=radio]') && element.labels.length))
    .map(({ box, element }) => `${Math.round(box.width)}×${Math.round(box.height)} ${element.outerHTML.slice(0, 80)}`));
  assert.deepEqual(small, [], where);
}

/** Goes on by the Tab key to what fits the selector. */
export async function byTab(page, selector) {
  for (let left = 200; left > 0; left -= 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`the Tab key does not reach ${selector}`);
}
