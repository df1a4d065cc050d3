import { existsSync, globSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          title: z.string(),
          fullName: z.string(),
          status: z.string(),
          duration: z.number().nullish(),
        }),
      ),
    }),
  ),
});

export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Skipped for a reason that is none. */
  readonly unexcused: readonly string[];
  readonly slowest: readonly { title: string; seconds: number }[];
}

/** What a test's title, or one around it, says where it may be skipped for want of something. */
const EXCUSE = /VECTORS|hardware/;

/** Counts the tests of these reports; a file that could not be run counts as one failure. */
export function count(files: readonly string[] = globSync('reports/*.json')): Count {
  const results = files.filter((file) => existsSync(file)).flatMap((file) => read(file));
  const tests = results.flatMap(({ assertionResults }) => assertionResults);
  const broken = results.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((one) => one.status !== 'failed'),
  );
  const skipped = tests.filter(({ status }) => !['passed', 'failed'].includes(status));
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: tests.filter(({ status }) => status === 'failed').length + broken.length,
    skipped: skipped.length,
    unexcused: skipped.map(({ fullName }) => fullName).filter((name) => !EXCUSE.test(name)),
    slowest: tests
      .map(({ title, duration }) => ({ title, seconds: (duration ?? 0) / 1000 }))
      .toSorted((a, b) => b.seconds - a.seconds)
      .slice(0, 10),
  };
}

/** A line for each test of a report: what came of it, what it holds, how long it took. */
export function outcomes(file: string): string[] {
  return read(file).flatMap(({ assertionResults }) =>
    assertionResults.map(({ fullName, status, duration }) => {
      const seconds = ((duration ?? 0) / 1000).toFixed(1);
      return `${status === 'passed' ? 'PASS' : 'FAIL'} ${fullName.trim()} (${seconds} s)`;
    }),
  );
}

function read(file: string) {
  return Report.parse(JSON.parse(readFileSync(file, 'utf8'))).testResults;
}
