import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import type { Mutant } from './mutant.ts';
import { people } from './people.ts';
import { platform } from './platform.ts';
import { policy } from './policy.ts';
import { proof } from './proof.ts';
import { Scratch } from './scratch.ts';
import { tools } from './tools.ts';

const all = [...proof, ...tools, ...policy, ...people, ...platform];
const many = Number(process.env['MUTANTS'] ?? all.length);
const end = Date.now() + Number(process.env['SUITE_MINUTES'] ?? 60) * 54_000;
const seed =
  process.env['MUTANTS_SEED'] ??
  execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();

const HURRIED = process.env['SUITE_MINUTES'] !== undefined;
const MINUTE_MS = 60_000;

const scratch = new Scratch();
afterAll(() => scratch[Symbol.dispose]());
const drawn = draw(all, many);

test('there are at least 20 mutants, each of a check of its own', () => {
  expect(new Set(all.map(({ check }) => check)).size).toBe(all.length);
  expect(all.length).toBeGreaterThanOrEqual(20);
});

test(
  'with every check in its place the tests pass',
  async () => {
    const tests = [...new Set(drawn.flatMap((mutant) => mutant.tests))];
    const report = await scratch.run(tests);

    expect(report.numFailedTests).toBe(0);
    expect(report.numPassedTests).toBeGreaterThan(tests.length);
  },
  3 * MINUTE_MS,
);

test(
  'it is noticed when a check is taken out, whichever it is',
  async () => {
    const killed: string[] = [];
    const survived: string[] = [];
    for (const mutant of drawn) {
      if (Date.now() > end) break;
      // A file that no longer loads shows nothing: a test has to run, and to fail.
      const { numFailedTests } = await scratch.without(mutant);
      const fate = numFailedTests > 0 ? killed : survived;
      fate.push(mutant.check);
      const word = numFailedTests > 0 ? `killed by ${numFailedTests}` : 'SURVIVED';
      process.stdout.write(`${word}: ${mutant.check}\n`);
    }
    const counts = `${killed.length} killed, ${survived.length} survived`;
    process.stdout.write(`mutants: ${counts}, ${all.length} in all (seed ${seed})\n`);

    expect(survived).toEqual([]);
    // All of them, unless whoever runs the suite has less time.
    expect(killed.length).toBeGreaterThanOrEqual(HURRIED ? 1 : drawn.length);
  },
  60 * MINUTE_MS,
);

/** As many as asked for, in an order that the seed makes. */
function draw(from: readonly Mutant[], count: number): readonly Mutant[] {
  return from
    .map((mutant) => ({ mutant, at: rankOf(mutant) }))
    .toSorted((a, b) => (a.at < b.at ? -1 : 1))
    .slice(0, count)
    .map(({ mutant }) => mutant);
}

function rankOf({ check }: Mutant): string {
  return createHash('sha256').update(seed).update(check).digest('hex');
}
