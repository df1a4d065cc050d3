import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { generateSeed, signerFromSeed, signStatement } from '@physiclaw/proof';
import { startStack, stopStack } from '@physiclaw/stack';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../e2e/stack.ts';
import { openBrowser, type Visit, visit } from './browser.ts';
import { go } from './people.ts';

const CODE = 'CODE-OF-THE-SCREEN-0001';

const cleanUp = new AsyncDisposableStack();
let browser: Browser;
let url: string;
let first: Visit;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'claim-'));
  cleanUp.defer(() => rmSync(folder, { recursive: true, force: true }));
  const home = join(folder, 'home');
  const port = await freePort();
  const dist = resolve('dist');
  await startStack({ home, dist, node: join(dist, 'bin/node'), port, claimCode: CODE });
  cleanUp.defer(async () => {
    await stopStack(home);
  });
  browser = await openBrowser();
  cleanUp.defer(() => browser.close());
  url = `http://localhost:${port}/`;
  first = cleanUp.use(await visit(browser, { url }));
}, 120_000);
afterAll(() => cleanUp.disposeAsync());

test('a code that is not on the screen claims nothing', async () => {
  const { page } = first;
  await page.getByLabel('Code from the screen').fill('GUESSED');
  await page.getByLabel('Your name').fill('Ada');
  await page.getByRole('button', { name: 'Claim' }).click();

  await page.getByText('It was not claimed').waitFor();
  expect(await page.getByRole('alert').innerText()).toContain('POLICY_CLAIM_REFUSED');
});

test('the code from the screen enrols a passkey, which signs in', async () => {
  const { page } = first;
  await page.getByLabel('Code from the screen').fill(CODE);
  await page.getByRole('button', { name: 'Claim' }).click();

  await page.getByRole('heading', { name: 'Ask', level: 1 }).waitFor();
  expect(await page.locator('.who').innerText()).toContain('Ada');
});

test('the code works once', async () => {
  await using second = await visit(browser, { url });
  await second.page.getByRole('heading', { name: 'Enrol a key' }).waitFor();
  const eve = signerFromSeed(generateSeed());
  const trustDomain = 'physiclaw.local';
  const type = 'physiclaw/enrolment/v1' as const;
  const signed = signStatement({ type, trustDomain, key: eve.did }, eve);
  const again = await fetch(`${url}api/claim`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: CODE, name: 'Eve', signed }),
  });

  expect(await again.text()).toContain('POLICY_CLAIMED_ALREADY');
});

test('the sign-in lasts as long as the tab, and stands in no address and no other tab', async () => {
  const { page, context, requests } = first;
  await page.reload();
  await page.getByRole('heading', { name: 'Ask', level: 1 }).waitFor();
  const credential: unknown = await page.evaluate(
    "JSON.parse(sessionStorage.getItem('physiclaw.session')).credential",
  );
  const other = await context.newPage();
  await other.goto(url);
  await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  await other.close();

  expect(credential).toMatch(/^pclw_s_/);
  expect(requests.filter((address) => address.includes(String(credential)))).toEqual([]);
});

test('a sign-in that has ended leads to the next one', async () => {
  const { page } = first;
  await page.evaluate(`{
    const session = JSON.parse(sessionStorage.getItem('physiclaw.session'));
    const credential = 'pclw_s_' + 'x'.repeat(43);
    sessionStorage.setItem('physiclaw.session', JSON.stringify({ ...session, credential }));
  }`);
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByRole('button', { name: /Ada/ }).first().click();

  await page.getByRole('heading', { name: 'Ask', level: 1 }).waitFor();
  expect(await page.locator('.who').innerText()).toContain('Ada');
});

test('who signed out comes in again by his passkey', async () => {
  const { page } = first;
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByRole('button', { name: /Ada/ }).first().click();

  await page.getByRole('heading', { name: 'Ask', level: 1 }).waitFor();
  expect(first.complaints.filter((one) => !one.includes('403'))).toEqual([]);
});

test('a person who is enrolled endorses another one on the page', async () => {
  const { page } = first;
  await using second = await visit(browser, { url });
  await second.page.getByLabel('Your name').fill('Bob\u202Exe');
  await second.page.getByRole('button', { name: 'Make the key' }).click();
  const key = await second.page.getByText(/^did:key:/).innerText();
  await go(page, 'Machine');
  const asking = page.locator('.asking');
  await asking.getByText(String.raw`Bob\u{202e}xe asks to be enrolled`).waitFor();
  const shown = await asking.getByText(/^did:key:/).innerText();
  await asking.getByRole('button', { name: 'Endorse' }).click();
  await second.page.getByRole('button', { name: 'Sign in' }).click();
  await second.page.getByRole('heading', { name: 'Ask', level: 1 }).waitFor();

  expect(shown).toBe(key);
  expect(await second.page.locator('.who').innerText()).toContain('Bob');
});
