// The proof that notes cannot be lost: somebody types while the server is killed (-9), the tab closed, the network cut, the browser killed.
// After each recovery at most the last second of typing is missing, and nothing that the server acknowledged.
// `cargo xtask test note-loss [--rounds N]`; CHARTROOM_SEED repeats a course.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const rounds = Number(process.env.CHARTROOM_NOTE_ROUNDS ?? 8);
const seed = Number(process.env.CHARTROOM_SEED ?? Date.now() % 1_000_000);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'chartroom-note-loss-'));
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const words = 'patient reports dry cough for three days without fever or dyspnea appetite normal no weight loss lungs clear heart regular '.split(' ');

let address;
let server;
let signIns = {};
let context;
let browser;

/** A repeatable stream of numbers (mulberry32). */
function dice(from) {
  let state = from >>> 0;
  return (most) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) / 4294967296) * most;
  };
}

const freePort = () => new Promise((resolve) => {
  const listener = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = listener.address();
    listener.close(() => resolve(port));
  });
});

async function start() {
  const place = address.replace('http://', '');
  server = spawn(process.env.CHARTROOM_PROGRAM, ['demo', '--patients', '5', '--listen', place, '--data', path.join(folder, 'practice')], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: server.stdout })) {
    const [, username, password, role] = /^sign-in: (\S+) (\S+) (\S+)/.exec(line) ?? [];
    if (role) signIns[role] = { username, password };
    if (line.startsWith('listening on ')) break;
  }
}

const ended = (child) => new Promise((resolve) => (child.exitCode === null && child.signalCode === null ? child.once('exit', resolve) : resolve()));

async function open() {
  const options = { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...flags, '--remote-debugging-port=0'], viewport: { width: 1280, height: 900 } };
  context = await chromium.launchPersistentContext(path.join(folder, 'profile'), options);
  context.setDefaultTimeout(60000);
  browser = fs.readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).find((pid) => {
    try {
      const line = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return line.includes(path.join(folder, 'profile')) && !line.includes('--type=');
    } catch {
      return false;
    }
  });
}

async function signIn(page) {
  await page.goto(`${address}/sign-in`);
  if (new URL(page.url()).pathname !== '/sign-in') return;
  await page.locator('[name=username]').fill(signIns.clinician.username);
  await page.locator('[name=password]').fill(signIns.clinician.password);
  await Promise.all([page.waitForURL((at) => at.pathname === '/'), page.keyboard.press('Enter')]);
}

before(async () => {
  address = `http://127.0.0.1:${await freePort()}`;
  await start();
  await open();
});

after(async () => {
  await context?.close().catch(() => {});
  server?.kill('SIGKILL');
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Goes to a page of a server that may just be coming back. */
async function arrive(page, to) {
  for (let left = 60; ; left -= 1) {
    try {
      await page.goto(to);
      return;
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

const BLOWS = ['server', 'tab', 'network', 'browser', 'server and tab'];

test(`of what is typed at most a second is lost, and nothing acknowledged (${rounds} rounds, seed ${seed})`, async () => {
  const most = { lost: 0, typed: 0, acknowledged: 0 };
  const struck = {};
  for (let round = 0; round < rounds; round += 1) {
    const roll = dice(seed * 1000 + round);
    const blow = BLOWS[Math.floor(roll(BLOWS.length))];
    struck[blow] = (struck[blow] ?? 0) + 1;
    const outcome = await strike(blow, roll, round);
    most.lost = Math.max(most.lost, outcome.lostMs);
    most.typed += outcome.typed;
    most.acknowledged += outcome.acknowledged;
  }
  console.log(`note-loss: ${rounds} rounds (${Object.entries(struck).map(([blow, count]) => `${count} ${blow}`).join(', ')}): ${most.typed} characters typed, ${most.acknowledged} acknowledged before the blow, none of these lost; at most ${most.lost} ms of typing missing`);
});

async function strike(blow, roll, round) {
  const where = `round ${round} (${blow}, seed ${seed})`;
  let page = await context.newPage();
  await signIn(page);
  const patient = await page.locator('a[href^="/patients/"]').evaluateAll((links) => links.map((link) => link.getAttribute('href').split('/')[2]).find((id) => id && id !== 'new'));
  await page.goto(`${address}/patients/${patient}/notes/new`);
  await Promise.all([page.waitForURL(/\/drafts\//), page.locator('button[value=nurse]').click()]);
  const draft = page.url();
  const field = 'textarea[id="text-2-done"]';
  await page.waitForLoadState('networkidle');

  // The ledger: when each length was typed, and the longest text the server acknowledged.
  let acknowledged = 0;
  page.on('response', async (response) => {
    if (response.request().method() !== 'POST' || !response.ok() || new URL(response.url()).pathname !== new URL(draft).pathname) return;
    const sent = new URLSearchParams(response.request().postData() ?? '');
    if (sent.get('section') === '2-done') acknowledged = Math.max(acknowledged, sent.get('text').length);
  });
  await page.locator(field).fill('');
  const keys = [];
  let text = '';
  const until = Date.now() + 1500 + roll(3500);
  let cut = 0;
  while (Date.now() < until) {
    const next = roll(1) < 0.85 ? words[Math.floor(roll(words.length))][0] ?? 'x' : ' ';
    await page.keyboard.type(next);
    text += next;
    keys.push(Date.now());
    if (blow === 'network' && !cut && roll(1) < 0.05) {
      cut = Date.now();
      await context.setOffline(true);
    }
    await new Promise((resolve) => setTimeout(resolve, 20 + roll(120)));
    if (roll(1) < 0.03) await new Promise((resolve) => setTimeout(resolve, 900));
  }
  const known = acknowledged;
  const at = Date.now();
  if (blow.includes('server')) server.kill('SIGKILL');
  if (blow === 'browser') process.kill(Number(browser), 'SIGKILL');
  if (blow.includes('tab')) await page.close();
  if (blow.includes('server')) {
    await ended(server);
    await start();
  }
  if (blow === 'network') await context.setOffline(false);
  if (blow === 'browser') {
    await context.close().catch(() => {});
    await open();
  }
  if (page.isClosed() || blow === 'browser') page = await context.newPage();
  if (blow === 'server' || blow === 'network') {
    // The page stayed open: it saves by itself.
    await page.waitForFunction(() => document.querySelector('main').dataset.open === 'no', undefined, { timeout: 60000 });
  }
  await signIn(page);
  await arrive(page, draft);
  await page.waitForFunction(() => document.querySelector('#saved'), undefined);
  await page.waitForLoadState('networkidle');
  await page.reload();
  await page.waitForLoadState('networkidle');
  const kept = await page.locator(field).inputValue();
  await page.close();

  assert.ok(text.startsWith(kept), `${where}: what is there was not typed so: "${kept}" of "${text}"`);
  assert.ok(kept.length >= known, `${where}: ${known} characters were acknowledged, ${kept.length} are there`);
  const missing = keys.slice(kept.length);
  const lostMs = missing.length ? at - missing[0] : 0;
  assert.ok(lostMs <= 1000, `${where}: ${lostMs} ms of typing are missing: "${text.slice(kept.length)}"`);
  return { lostMs, typed: text.length, acknowledged: known };
}
