import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Spoken, type Stack, startStack } from '../e2e/stack.ts';
import { openBrowser, type Visit, visit } from './browser.ts';
import { enrol, go } from './people.ts';
import { flipped, type Tamper, tamperWith } from './tamper.ts';

const cleanUp = new AsyncDisposableStack();
let stack: Stack;
let browser: Browser;
let owner: Visit;
let ada: Visit;
let page: Page;
let gateway: Tamper;
/** An entry that stays on the first page for as long as it is looked at. */
let index: string;
beforeAll(async () => {
  stack = cleanUp.use(await startStack());
  browser = await openBrowser();
  cleanUp.defer(() => browser.close());
}, 120_000);
afterAll(() => cleanUp.disposeAsync());

/** A call that needs a signature; ends when somebody gave or refused it. */
const callAndWait = (...words: string[]): Promise<Spoken> =>
  stack.cli('call', '--wait', 'exec', '--', ...words);

const Waiting = z.looseObject({
  turn: z.string(),
  answer: z.looseObject({ session: z.string() }),
});

const check = () => page.getByRole('button', { name: `Check entry ${index}`, exact: true }).click();

test('by an address the page says why no passkey can be made, and the device key works', async () => {
  const url = `http://127.0.0.1:${stack.port}/`;
  owner = cleanUp.use(await visit(browser, { url }));
  await owner.page.getByText('opened by an address, 127.0.0.1').waitFor();

  expect(await owner.page.getByRole('radio', { name: 'Passkey' }).isDisabled()).toBe(true);
  await enrol(owner.page, stack, { name: 'at the address', kind: 'Device key', mine: true });
  await owner.page.reload();
  await owner.page.getByRole('button', { name: 'Sign out' }).click();
  await owner.page.getByRole('button', { name: /Device key/ }).click();
  await owner.page.getByRole('heading', { name: 'Ask', level: 1 }).waitFor();
});

test('a turn that waits shows its request where it is read, and goes on by itself', async () => {
  const { code, value } = await stack.json('call', 'exec', '--', 'uname', '-o');
  const { turn, answer } = Waiting.parse(value);
  const kept = [{ session: answer.session, turn, question: 'uname -o', askedAt: new Date() }];
  await owner.page.evaluate(`{
    const { person } = JSON.parse(sessionStorage.getItem('physiclaw.session'));
    sessionStorage.setItem('physiclaw.turns ' + person, ${JSON.stringify(JSON.stringify(kept))});
  }`);
  await owner.page.reload();
  const card = owner.page.getByRole('article', { name: 'uname -o' });
  await card.getByText('You asked for this yourself').waitFor();
  await card.getByRole('button', { name: 'Approve once' }).click();
  await card.getByText(/1 receipts? checked here|receipts checked here/).waitFor();

  expect(code).toBe(6);
  expect(await card.locator('.acts').innerText()).toContain('done');
});

test('the first credential endorses the passkey of another person', async () => {
  const url = `http://localhost:${stack.port}/`;
  ada = cleanUp.use(await visit(browser, { url, prepare: beTampered }));
  ({ page } = ada);
  await enrol(page, stack, { name: 'Ada', kind: 'Passkey' });
  const { value } = await stack.json('status');

  expect(value).toMatchObject({ status: { policy: { mode: 'people' } } });
});

test('a suggestion is asked and answered live, each finding with receipts that hold', async () => {
  await page.getByRole('button', { name: 'Is everything all right here?' }).click();
  const turn = page.getByRole('article', { name: 'Is everything all right here?' });
  await turn.getByText('Runs: ').first().waitFor();
  await turn.getByText(/receipts checked here, all hold/).waitFor({ timeout: 20_000 });
  const findings = turn.locator('.finding');
  const marks = await findings.evaluateAll((rows) =>
    rows.map((row) => row.querySelectorAll('.mark').length),
  );

  expect(marks.length).toBeGreaterThan(0);
  expect(Math.min(...marks)).toBeGreaterThan(0);
  expect(await turn.getByRole('status').innerText()).toMatch(/^Answered: /);
  expect(await turn.getByText(/^Not checked: \d+/).count()).toBe(1);
});

test('a figure says which bytes it was read from', async () => {
  await page.locator('.fact').first().click();

  expect(await page.locator('.fact-source').innerText()).toMatch(/from bytes\s+\d+ to \d+/);
  await page.locator('.fact').first().click();
});

test('a connection that is lost in the middle of a turn costs no event', async () => {
  await page.getByLabel('Your question').fill('Which processes use the most memory?');
  await page.keyboard.press('Enter');
  const turn = page.getByRole('article', { name: 'Which processes use the most memory?' });
  await turn.locator('.step').first().waitFor();
  gateway.cut();
  await page.getByText('The connection is lost').waitFor();
  await turn.getByText(/receipts checked here, all hold/).waitFor({ timeout: 20_000 });

  expect(await page.getByText('The connection is lost').count()).toBe(0);
  expect(await turn.getByText('1 step', { exact: true }).count()).toBe(1);
});

test('a turn is shown again from its first event after the page was loaded anew', async () => {
  await page.reload();
  const turn = page.getByRole('article', { name: 'Is everything all right here?' });
  await turn.getByText(/receipts checked here, all hold/).waitFor();

  expect(await turn.locator('.finding').count()).toBeGreaterThan(0);
});

test('what waits appears by itself, and one of two people approves what the other asked', async () => {
  await go(page, 'Approvals');
  const called = callAndWait('uname', '-s');
  const request = page.getByRole('article', { name: /exec uname -s|uname/ });
  await request.getByRole('button', { name: 'Approve once' }).waitFor();
  const shown = await request.innerText();
  await request.getByRole('button', { name: 'Approve once' }).click();

  expect(await called).toMatchObject({ code: 0, out: 'Linux\n' });
  expect(shown).toMatch(/because of\s+balanced:/);
  expect(shown).toMatch(/runs a program/);
});

test('a denial is signed too, and nothing runs', async () => {
  const called = callAndWait('uname', '-r');
  await page.getByRole('button', { name: 'Deny' }).click();
  const { code, err } = await called;

  expect(code).toBe(5);
  expect(err).toContain('approval:denied');
});

test('bytes that are not what the hash names cannot be signed', async () => {
  const called = callAndWait('uname', '-m');
  await page.getByRole('button', { name: 'Approve once' }).waitFor();
  gateway.change = changeIntents;
  await page.reload();
  await page.getByText('CONSOLE_INTENT_MISMATCH').first().waitFor();

  expect(await page.getByRole('button', { name: 'Approve once' }).count()).toBe(0);
  gateway.change = (payload) => payload;
  await page.reload();
  await page.getByRole('button', { name: 'Deny' }).click();
  expect((await called).code).toBe(5);
});

test('the proof of an entry is checked in the browser: yes', async () => {
  await go(page, 'Audit');
  index = await page.locator('.entry-index').nth(12).innerText();
  await check();

  await page.getByText('Yes: the log holds this entry').waitFor();
  expect(await page.getByRole('dialog').innerText()).toContain(`Entry ${index}\n`);
  await page.keyboard.press('Escape');
});

const Received = z.looseObject({
  index: z.int(),
  entry: z.string(),
  proof: z.array(z.string()),
  checkpoint: z.string(),
});

test.each([
  ['the path', ({ proof: [head = '', ...rest] }) => ({ proof: [flipped(head, 5), ...rest] })],
  [
    'the checkpoint',
    ({ checkpoint }) => ({ checkpoint: flipped(checkpoint, checkpoint.length - 9) }),
  ],
  ['the entry', ({ entry }) => ({ entry: entry.replace('"time":1', '"time":2') })],
] as [string, (receipt: z.infer<typeof Received>) => object][])(
  'one changed byte in %s: no',
  async (_place, change) => {
    gateway.change = (payload) => {
      const { data } = Received.safeParse(payload);
      return data ? { ...data, ...change(data) } : payload;
    };
    await check();
    await page.getByText('No: this proves nothing').waitFor();
    const said = await page.getByRole('dialog').innerText();
    await page.keyboard.press('Escape');
    gateway.change = (payload) => payload;

    expect(said).not.toContain('Yes');
    expect(said).toMatch(/PROOF_|CONSOLE_OTHER_ENTRY/);
  },
);

test('a gateway that changes the list and the receipt alike is found out by the proof', async () => {
  gateway.change = (payload) =>
    JSON.parse(JSON.stringify(payload).replaceAll(String.raw`\"time\":1`, String.raw`\"time\":2`));
  await page.reload();
  await check();
  await page.getByText('No: this proves nothing').waitFor();

  expect(await page.getByRole('dialog').innerText()).toContain('PROOF_INCLUSION_INVALID');
  await page.keyboard.press('Escape');
  gateway.change = (payload) => payload;
});

test('everything is stopped, and resumed, by the keyboard alone', async () => {
  await page.reload();
  await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor();
  await page.keyboard.press('Alt+Shift+K');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('Everything is stopped').waitFor();
  const killed = await stack.json('status');
  const refused = await stack.cli('call', 'exec', '--', 'true');
  await tabTo(page, 'Sign the resume');
  await page.keyboard.press('Enter');
  await page.getByText('Everything is stopped').waitFor({ state: 'hidden' });
  const resumed = await stack.json('status');

  expect(killed.value).toMatchObject({ status: { policy: { killed: expect.any(String) } } });
  expect(refused.code).not.toBe(0);
  expect(JSON.stringify(resumed.value)).not.toContain('"killed"');
});

test('a switch that cannot be reached says so, and by what else it is thrown', async () => {
  gateway.isShut = true;
  gateway.cut();
  await page.keyboard.press('Alt+Shift+K');
  await page.keyboard.press('Enter');
  await page.getByText('It was not stopped from here').waitFor();

  expect(await page.getByRole('dialog').innerText()).toContain('physiclaw kill');
  await page.keyboard.press('Escape');
  gateway.isShut = false;
});

test('the switch is reached by the keyboard without knowing its shortcut', async () => {
  await page.reload();
  await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor();
  const steps = await tabTo(page, 'Stop all');

  expect(steps).toBeLessThanOrEqual(3);
});

test('the machine says what runs, and how it is confined', async () => {
  await go(page, 'Machine');
  const text = await page.getByRole('main').innerText();

  expect(text).toMatch(/Services\s+7 of 7 ready/);
  expect(text).toMatch(/isolation\s+(each service under|all services under)/);
  expect(text).toMatch(/planner\s+runbook/);
  expect(text).toContain('acts may run');
});

test('a log with another key than this browser knows is not believed silently', async () => {
  await page.evaluate("localStorage.setItem('physiclaw.log.physiclaw.local', 'another')");
  await page.reload();
  await page.getByText('This is not the log that this browser knows').waitFor();
  await page.getByRole('button', { name: 'The screen shows this key' }).click();
  await page.reload();
  await page.getByText(' of 7 ready').waitFor();

  expect(await page.getByText('This is not the log').count()).toBe(0);
});

test('nothing went wrong on the pages all day', () => {
  expect(ada.complaints).toEqual([]);
});

async function beTampered(opened: Page): Promise<void> {
  gateway = await tamperWith(opened);
}

function changeIntents(payload: unknown): unknown {
  const Listed = z.looseObject({ requests: z.array(z.looseObject({ intent: z.string() })) });
  const { data } = Listed.safeParse(payload);
  if (data === undefined) return payload;
  const requests = data.requests.map((request) => ({
    ...request,
    intent: request.intent.replace('uname', 'unamf'),
  }));
  return { ...data, requests };
}

/** Presses Tab until what has this name has the focus. Returns how often. */
async function tabTo(opened: Page, name: string): Promise<number> {
  for (let steps = 1; steps < 80; steps += 1) {
    await opened.keyboard.press('Tab');
    const focused: unknown = await opened.evaluate('document.activeElement?.textContent');
    if (String(focused).trim() === name) return steps;
  }
  throw new Error(`expected to reach ${name} by Tab`);
}
