import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const MINUTE_MS = 60_000;

// Whether the ratio holds is for a quiet machine to say: `npm run bench`.
test(
  'a short round measures each step, its floor and the log',
  { timeout: 4 * MINUTE_MS },
  async () => {
    const env = { ...process.env, BENCH_CALLS: process.env['BENCH_CALLS'] ?? '40' };
    const run = promisify(execFile)(process.execPath, ['test/bench/main.ts'], { env });
    const { stdout } = await run.catch((error: { stdout: string }) => error);
    process.stdout.write(stdout);

    expect(stdout).toMatch(/^prepare +\d+\.\d+ +\d+\.\d+$/m);
    expect(stdout).toMatch(/^one call makes 7 round trips and 5 durable appends/m);
    expect(stdout).toMatch(/^ratio \d+\.\d, at most 8/m);
    expect(stdout).toMatch(/^log, 256 writers: \d+ appends\/s/m);
  },
);
