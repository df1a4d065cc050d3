import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Stack, startStack } from '../e2e/stack.ts';
import { foreign, openBrowser, type Visit, visit } from './browser.ts';
import { enrol, go } from './people.ts';

const MOST_BYTES = 250_000;
const SHOTS = 'reports/console';
const VIEWS = ['Ask', 'Approvals', 'Audit', 'Machine'] as const;
/** What a view shows once it has what it asked for. */
const SHOWN = { Approvals: 'Approve once', Audit: /^Entries \d+ to/, Machine: / of 8 ready/ };
const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

const Audited = z.object({
  violations: z.array(
    z.object({
      id: z.string(),
      impact: z.string().nullable(),
      nodes: z.array(z.object({ html: z.string() })),
    }),
  ),
});

const cleanUp = new AsyncDisposableStack();
let stack: Stack;
let browser: Browser;
let url: string;
let ada: Visit;
let page: Page;
beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  stack = cleanUp.use(await startStack({ config: 'siem: { bySignature: true }\n' }));
  url = `http://localhost:${stack.port}/`;
  browser = await openBrowser();
  cleanUp.defer(() => browser.close());
}, 120_000);
afterAll(() => cleanUp.disposeAsync());

test('the first page is light', async () => {
  await using first = await visit(browser, { url });
  await first.page.getByRole('heading', { name: 'Enrol a key' }).waitFor();
  const files = [...new Set(first.requests)].filter((address) => !address.includes('/api/'));
  const bodies = await Promise.all(files.map((file) => fetch(file).then((one) => one.bytes())));
  const bytes = bodies.reduce((sum, body) => sum + gzipSync(body).byteLength, 0);
  process.stdout.write(`console: ${files.length} files, ${bytes} bytes gzipped\n`);

  expect(files.length).toBeGreaterThanOrEqual(3);
  expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
});

test(
  'every view, at both widths and in both schemes, fits the screen',
  { timeout: 120_000 },
  async () => {
    ada = cleanUp.use(await visit(browser, { url }));
    ({ page } = ada);
    await shoot(page, 'enrol');
    await enrol(page, stack, { name: 'Ada Lovelace', kind: 'Passkey' });
    const waits = await stack.cli('call', 'exec', '--', 'uname', '--all');
    await shoot(page, 'ask');
    await page.getByRole('button', { name: 'Is everything all right here?' }).click();
    await page.getByText(/receipts checked here, all hold/).waitFor({ timeout: 20_000 });
    await shoot(page, 'answer');
    await page.locator('.finding .mark').first().click();
    await page.getByText('Yes: the log holds this entry').waitFor();
    await shoot(page, 'proof');
    await page.keyboard.press('Escape');
    for (const view of ['Approvals', 'Audit', 'Machine'] as const) {
      await go(page, view);
      await page.getByText(SHOWN[view]).first().waitFor();
      await shoot(page, view.toLowerCase());
    }
    await page.keyboard.press('Alt+Shift+K');
    await shoot(page, 'kill');
    await page.keyboard.press('Escape');

    expect(waits.code).toBe(6);
  },
);

test('no request left the origin, and one that leaves is counted', async () => {
  const mute = createServer((_request, response) => response.end());
  await new Promise<void>((done) => void mute.listen(0, '127.0.0.1', done));
  const address = mute.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const before = foreign(ada.requests, url);
  const other = await ada.context.newPage();
  await other.goto(`http://127.0.0.1:${port}/`);
  await other.close();
  mute.close();
  process.stdout.write(`console: ${ada.requests.length} requests, ${before.length} elsewhere\n`);

  expect(before).toEqual([]);
  expect(ada.requests.length).toBeGreaterThan(10);
  expect(foreign(ada.requests, url)).toHaveLength(1);
});

test('nothing broke the policy of the page, and what breaks it is reported and counted', async () => {
  const before = await reportsOf(stack);
  await page.evaluate("new Image().src = '//192.0.2.1/'");
  await expect.poll(() => reportsOf(stack), { timeout: 15_000 }).toBe(1);
  process.stdout.write(`console: ${before} policy reports\n`);

  expect(before).toBe(0);
  expect(ada.complaints.filter((one) => !one.includes('192.0.2.1'))).toEqual([]);
});

test.each([
  "document.body.insertAdjacentHTML('beforeend', '<b>')",
  "document.createElement('script').text = 'alert()'",
])('no text is made into code or markup: %s', async (code) => {
  const tried = `(() => { try { ${code}; return 'done' } catch (e) { return e.name } })()`;

  expect(await page.evaluate(tried)).toBe('TypeError');
});

test('axe finds what is wrong on purpose', async () => {
  await page.evaluate("document.body.append(Object.assign(new Image(), { id: 'wrong' }))");
  const found = await seriousIn(page);
  await page.evaluate("document.querySelector('#wrong').remove()");

  expect(found).toEqual([
    expect.stringContaining('image-alt'),
    expect.stringContaining('image-alt'),
  ]);
});

test.each(VIEWS)('axe finds nothing serious in %s, light and dark', async (view) => {
  await go(page, view);
  expect(await seriousIn(page)).toEqual([]);
});

test('axe finds nothing serious in a proof, nor in the question whether to stop all', async () => {
  await go(page, 'Audit');
  await page.getByRole('button', { name: 'Check entry 3', exact: true }).click();
  await page.getByText('Yes: the log holds this entry').waitFor();
  const inProof = await seriousIn(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+Shift+K');
  const inKill = await seriousIn(page);
  await page.keyboard.press('Escape');

  expect([...inProof, ...inKill]).toEqual([]);
});

test('after a sign-out nobody gets in with what the browser had', async () => {
  const kept = "JSON.parse(sessionStorage.getItem('physiclaw.session')).credential";
  const authorization = `Bearer ${String(await page.evaluate(kept))}`;
  const admitted = async () =>
    (await fetch(`${url}metrics`, { headers: { authorization } })).status;
  const before = await admitted();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();

  expect([before, await admitted()]).toEqual([200, 401]);
  expect(await seriousIn(page)).toEqual([]);
});

/** A picture of the view at 360 and 1280 pixels, light and dark; none is wider than its screen. */
async function shoot(opened: Page, name: string): Promise<void> {
  for (const width of [360, 1280]) {
    await opened.setViewportSize({ width, height: width === 360 ? 740 : 800 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await opened.emulateMedia({ colorScheme });
      await opened.screenshot({ path: `${SHOTS}/${name}-${width}-${colorScheme}.png` });
    }
    const widest = Number(await opened.evaluate('document.documentElement.scrollWidth'));
    if (widest > width) throw new Error(`${name} is ${widest} wide on ${width}`);
  }
}

/** What axe calls serious or critical, by rule and place. */
async function seriousIn(opened: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await opened.emulateMedia({ colorScheme });
    await opened.evaluate(AXE);
    const { violations } = Audited.parse(await opened.evaluate('axe.run()'));
    for (const { id, impact, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue;
      found.push(...nodes.map(({ html }) => `${colorScheme} ${id}: ${html}`));
    }
  }
  return found;
}

/** How many reports of broken policy the gateway has counted. */
async function reportsOf(counting: Stack): Promise<number> {
  const { value } = await counting.json('token', 'create', 'metrics', '--scope', 'read');
  const { token } = z.object({ token: z.string() }).parse(value);
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`http://localhost:${counting.port}/metrics`, { headers });
  const lines = (await response.text()).split('\n').filter((line) => line.includes('"csp.report"'));
  return lines
    .filter((line) => line.includes('GATEWAY_CSP_VIOLATED'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
