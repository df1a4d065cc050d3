import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../e2e/stack.ts';
import { countArrived } from '../siem/arrived.ts';
import { prepareRsyslog, type Rsyslog } from '../siem/rsyslog.ts';
import { openBrowser, type Visit, visit } from './browser.ts';
import { enrol, go } from './people.ts';

/** A line of `audit tail`. */
const RECORDED = / receiver +\S+ user\/p-/;
const ARRIVES = { timeout: 20_000, interval: 500 };

const cleanUp = new AsyncDisposableStack();
const folder = mkdtempSync(join(tmpdir(), 'receiver-'));
cleanUp.defer(() => rmSync(folder, { recursive: true }));
let rsyslog: Rsyslog;
let stack: Stack;
let browser: Browser;
let ada: Visit;
let page: Page;
beforeAll(async () => {
  rsyslog = cleanUp.use(await prepareRsyslog({ folder: join(folder, 'rsyslog'), clients: '' }));
  await rsyslog.start();
  stack = cleanUp.use(await startStack({ config: 'siem: { bySignature: true }\n' }));
  browser = await openBrowser();
  cleanUp.defer(() => browser.close());
  ada = cleanUp.use(await visit(browser, { url: `http://localhost:${stack.port}/` }));
  ({ page } = ada);
  await enrol(page, stack, { name: 'Ada', kind: 'Passkey' });
  await go(page, 'Machine');
}, 120_000);
afterAll(() => cleanUp.disposeAsync());

const panel = () => page.getByRole('region', { name: 'SIEM' });
const arrived = async () => {
  const kinds = new Set<string>();
  const { missing, torn } = await countArrived(rsyslog.messages('tls'), ({ id }) => kinds.add(id));
  return { missing, torn, kinds: [...kinds] };
};

async function name(destination: string, ca: string): Promise<void> {
  await panel().getByLabel('Send the log to').fill(destination);
  await panel()
    .getByLabel(/^Certificates/)
    .fill(ca);
  await panel().getByRole('button', { name: 'Sign, and send the log there' }).click();
}

test('before anybody is named the log stays', async () => {
  await panel().getByText('none: the log stays here').waitFor();

  expect((await stack.cli('status')).out).toContain('siem: nobody is named to get the log');
  expect((await arrived()).kinds).toEqual([]);
});

test('what cannot be a receiver is refused before it is signed, or before it is recorded', async () => {
  await name('tcp://192.0.2.9:514', rsyslog.ca);
  await panel().getByText('plain TCP and UDP are refused').waitFor();
  await name(rsyslog.tls, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----');
  await panel().getByText('SIEM_RECEIVER_INVALID').waitFor();

  expect((await stack.cli('audit', 'tail')).out).not.toMatch(RECORDED);
});

test('a person names one by a signature, and the whole log arrives there', async () => {
  await name(rsyslog.tls, rsyslog.ca);
  await panel().getByText('connected').waitFor();
  await expect
    .poll(arrived, ARRIVES)
    .toMatchObject({ missing: 0, torn: 0, kinds: expect.arrayContaining(['genesis', 'receiver']) });

  expect((await stack.cli('audit', 'tail')).out).toMatch(RECORDED);
  expect(await panel().innerText()).toMatch(/entry \d+\s*$/);
  expect(await panel().innerText()).toContain(rsyslog.tls);
  expect((await stack.cli('status')).out).toContain(`siem: connected to ${rsyslog.tls}`);
});

test('and takes it back by another', async () => {
  await panel().getByRole('button', { name: 'Sign, and send it nowhere' }).click();
  await panel().getByText('none: the log stays here').waitFor();

  expect((await stack.cli('status')).out).toContain('siem: nobody is named to get the log');
  expect((await stack.cli('audit', 'tail')).out).toMatch(/ receiver +nobody user\/p-/);
  expect(ada.complaints).toEqual([]);
});
