import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@physiclaw/platform';
import { Scratch } from '@physiclaw/sandbox';
import { afterEach, beforeEach, expect, test } from 'vitest';

const logger = createLogger('tools', 'silent');

let home: string;
let folder: string;
let scratch: Scratch;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'scratch-'));
  folder = join(home, 'scratch');
  scratch = new Scratch(folder, logger);
  await scratch.open();
});
afterEach(() => rmSync(home, { recursive: true }));

test('what a run left is gone after it, however it made it', async () => {
  const place = scratch.place();
  mkdirSync(join(place.path, 'locked'), { recursive: true });
  writeFileSync(join(place.path, 'locked/a'), '', { mode: 0o000 });
  chmodSync(join(place.path, 'locked'), 0o000);
  const nest = 'for (1..20) { mkdir "d" x 250; chdir "d" x 250 }';
  execFileSync('/usr/bin/perl', ['-e', nest], { cwd: place.path });
  await place[Symbol.asyncDispose]();

  expect(readdirSync(folder)).toEqual([]);
});

test('a link is removed, and what it points at stays', async () => {
  const place = scratch.place();
  mkdirSync(place.path);
  mkdirSync(join(home, 'kept/sub'), { recursive: true });
  symlinkSync(join(home, 'kept'), join(place.path, 'link'));
  await place[Symbol.asyncDispose]();

  expect(readdirSync(join(home, 'kept'))).toEqual(['sub']);
});

test('what an earlier process left is removed at the start', async () => {
  mkdirSync(join(folder, 'left/over'), { recursive: true });
  await new Scratch(folder, logger).open();

  expect(readdirSync(folder)).toEqual([]);
});

test('a place that nothing was made at ends without a fault', async () => {
  await scratch.place()[Symbol.asyncDispose]();

  expect(readdirSync(folder)).toEqual([]);
});
