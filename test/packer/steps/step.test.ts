import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Step, take } from '../../../packer/steps/step.ts';

let folder: string;
let runs: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'step-'));
  runs = 0;
  writeFileSync(join(folder, 'input'), 'one');
});
afterEach(() => rmSync(folder, { recursive: true }));

function stepOf(rest: Partial<Step> = {}): Step {
  const output = join(folder, 'output');
  const run = () => {
    runs += 1;
    writeFileSync(output, `${runs}`);
  };
  return { name: 'copy', reads: [join(folder, 'input')], makes: [output], run, ...rest };
}

test('a step is taken once for the same inputs', async () => {
  await take(stepOf(), folder);
  await take(stepOf(), folder);

  expect(runs).toBe(1);
});

test('a step is taken again when a file that it reads has changed', async () => {
  await take(stepOf(), folder);
  writeFileSync(join(folder, 'input'), 'two');
  await take(stepOf(), folder);

  expect(readFileSync(join(folder, 'output'), 'utf8')).toBe('2');
});

test('a step is taken again when what it made is gone', async () => {
  await take(stepOf(), folder);
  rmSync(join(folder, 'output'));
  await take(stepOf(), folder);

  expect(runs).toBe(2);
});

test('a step is taken again when one before it had other inputs', async () => {
  const after = stepOf({ after: ['earlier'] });
  writeFileSync(join(folder, 'earlier.stamp'), 'a');
  await take(after, folder);
  writeFileSync(join(folder, 'earlier.stamp'), 'b');
  await take(after, folder);

  expect(runs).toBe(2);
});

test('a step that failed was not taken', async () => {
  const broken = stepOf({
    run: () => {
      throw new Error('no');
    },
  });
  await expect(take(broken, folder)).rejects.toThrow('no');

  expect(existsSync(join(folder, 'copy.stamp'))).toBe(false);
});
