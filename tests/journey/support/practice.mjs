// The demo practice that `cargo xtask test journeys` started: its accounts, signing in, and its patients through the API.
import assert from 'node:assert/strict';
import { open, sizes } from './browser.mjs';

export const url = process.env.CHARTROOM_URL;
const accounts = (process.env.CHARTROOM_SIGN_INS ?? '').split('\n').filter(Boolean).map((line) => {
  const [username, password, role] = line.split(' ');
  return { username, password, role };
});

export function account(role) {
  const found = accounts.find((each) => each.role === role);
  assert.ok(found, `the demo printed no sign-in for ${role}`);
  return found;
}

export function signIn(page, role) {
  const { username, password } = account(role);
  return signInAs(page, username, password);
}

/** Types a name and a password where the page asks for them. */
export async function signInAs(page, username, password) {
  await page.goto(`${url}/sign-in`);
  await page.locator('[name=username]').fill(username);
  await page.locator('[name=password]').fill(password);
  await Promise.all([page.waitForURL((address) => !address.pathname.startsWith('/sign-in')), page.keyboard.press('Enter')]);
}

const sessions = new Map();

/** A browser window signed in as `role`; the session is made once for each process. */
export async function asRole(browser, role, options = {}) {
  if (!sessions.has(role)) {
    const context = await browser.newContext({ viewport: sizes.desk });
    await signIn(await open(context), role);
    sessions.set(role, await context.storageState());
    await context.close();
  }
  return browser.newContext({ viewport: sizes.desk, storageState: sessions.get(role), ...options });
}

/** Asks the FHIR API; fails with its answer when it refuses. */
export async function api(path, { method = 'GET', body } = {}) {
  const response = await fetch(`${url}/fhir/${path}`, {
    method,
    headers: { authorization: `Bearer ${process.env.CHARTROOM_TOKEN}`, accept: 'application/fhir+json', 'content-type': 'application/fhir+json' },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
  return text ? JSON.parse(text) : undefined;
}

export const familyOf = (patient) => (patient.name?.find(({ use }) => use === 'official') ?? patient.name?.[0])?.family ?? '';
export const recordNumberOf = (patient) => patient.identifier?.find(({ type }) => type?.coding?.some(({ code }) => code === 'MR'))?.value;

/** A family name of this run's own, in letters. */
export const newcomer = `Newcomer${[...String(process.pid)].map((digit) => 'bcdfghjklm'[digit]).join('')}`;

/** Living patients of the demo itself, none that a journey registered, in the order of their record numbers. */
export async function patients(count = 20) {
  const bundle = await api('Patient?_count=200');
  const living = bundle.entry.map(({ resource }) => resource).filter((patient) => !patient.deceasedBoolean && !patient.deceasedDateTime);
  const ours = living.filter((patient) => !/^(Hostile|Newcomer|ZZTEST)/i.test(familyOf(patient)) && patient.birthDate < '2006');
  return ours.sort((a, b) => recordNumberOf(a).localeCompare(recordNumberOf(b))).slice(0, count);
}
