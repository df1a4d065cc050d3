// Runs suites one after the other and counts: `main.ts test | soak | count | <suite>…`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { count, outcomes } from './report.ts';
import { alone, soak, type Suite, test } from './suites.ts';

const BROKEN = JSON.stringify({
  testResults: [{ name: 'the run', status: 'failed', assertionResults: [] }],
});

const [what = 'test', ...names] = process.argv.slice(2);
mkdirSync('reports', { recursive: true });

if (what === 'count') conclude(count(), true);
else if (what === 'soak')
  await run(soak, Date.now() + Number(process.env['SOAK_MINUTES'] ?? 600) * 60_000);
else if (what === 'test') await run(test, Infinity);
else
  await run(
    [...test, ...soak, ...alone].filter(({ name }) => [what, ...names].includes(name)),
    Infinity,
  );

async function run(suites: readonly Suite[], deadline: number): Promise<void> {
  const reports: string[] = [];
  for (const [at, suite] of suites.entries()) {
    // A suite whose folder is empty would pass without a test.
    if (globSync(suite.paths.map((path) => `${path}/**/*.test.ts`)).length === 0) continue;
    // Each gets its share of what is left, so that the first, which goes on at will, is not the last.
    const left = (deadline - Date.now()) / (suites.length - at);
    if (left < 30_000) break;
    reports.push(await runOne(suite, left));
  }
  conclude(count(reports), false);
}

async function runOne(suite: Suite, leftMs: number): Promise<string> {
  const { name, paths, environment } = suite;
  const report = `reports/${name}.json`;
  const began = Date.now();
  const minutes = Number.isFinite(leftMs) ? { SUITE_MINUTES: String(leftMs / 60_000) } : {};
  const child = spawn(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      ...paths,
      '--reporter=dot',
      '--reporter=json',
      `--outputFile=${report}`,
    ],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      // The tests' own `node` is this one too, whatever the machine's is.
      env: {
        ...process.env,
        PATH: `${resolve('node_modules/.bin')}:${process.env['PATH']}`,
        ...environment,
        ...minutes,
      },
    },
  );
  const [code] = await once(child, 'exit');
  if (code !== 0) process.exitCode = 1;
  // A run that broke before it could report has failed, and counts so.
  if (code !== 0 && count([report]).failed === 0) writeFileSync(report, BROKEN);
  if (suite.tells) for (const line of outcomes(report)) process.stdout.write(`${line}\n`);
  const { passed, failed, skipped } = count([report]);
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  process.stdout.write(
    `${name}: ${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds} s\n`,
  );
  return report;
}

function conclude(
  { passed, failed, skipped, unexcused, slowest }: ReturnType<typeof count>,
  isLast: boolean,
): void {
  if (!isLast) {
    for (const { title, seconds } of slowest)
      process.stdout.write(`${seconds.toFixed(1)} s  ${title}\n`);
  }
  for (const title of unexcused) process.stdout.write(`skipped without an excuse: ${title}\n`);
  if (failed > 0 || passed === 0 || unexcused.length > 0) process.exitCode = 1;
  process.stdout.write(
    `${passed} passed, ${failed + unexcused.length} failed, ${skipped} skipped\n`,
  );
}
