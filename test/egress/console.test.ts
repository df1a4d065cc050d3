import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openTrap, type Trap } from './trap.ts';

const CANARY = fileURLToPath(new URL('canary.mjs', import.meta.url));
const SENT = { lookups: 0, connections: 0, datagrams: 0, packets: 0 };
const Report = z.object({ numPassedTests: z.int(), numTotalTests: z.int() });

const cleanUp = new AsyncDisposableStack();
let trap: Trap;
beforeAll(async () => {
  trap = cleanUp.use(await openTrap());
});
afterAll(() => cleanUp.disposeAsync());

// Chromium asks the kernel whether IPv6 leads anywhere, which sends nothing and counts as
// unroutable. So here what was sent is looked at, and nothing else.
test(
  'a browser that loads every page of the console sends nothing',
  { timeout: 320_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'egress-'));
    cleanUp.defer(() => rmSync(folder, { recursive: true }));
    const report = join(folder, 'report.json');
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', 'test/console/page.test.ts'];
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${report}`];
    const { code, out } = await trap.run([process.execPath, ...vitest, ...reporters]);
    const counts = await trap.counts();
    const { numPassedTests, numTotalTests } = Report.parse(
      JSON.parse(readFileSync(report, 'utf8')),
    );
    process.stdout.write(
      `egress: ${numPassedTests} tests of the console's pages, ${counts.packets} packets, ${counts.lookups} look-ups\n`,
    );

    expect(code === 0 ? '' : out).toBe('');
    expect(numPassedTests).toBe(numTotalTests);
    expect(counts).toMatchObject(SENT);
  },
);

test('a look-up from where the browser was is counted', async () => {
  await trap.run([process.execPath, CANARY, 'name']);

  expect(await trap.counts()).toMatchObject({ ...SENT, lookups: 1, packets: 1 });
});
