import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foldersOf, makeCgroup, removeCgroups } from '#appliance/stack/cgroup.ts';
import { bearers, marked } from '../../appliance/sandbox/marked.ts';
import { type PlainUser, plainUser, UID, type Wish } from './plain-user.ts';

let user: PlainUser;
beforeAll(async () => {
  user = await plainUser();
});
afterAll(() => user[Symbol.dispose]());

const MiB = 1024 ** 2;
/** Each goes on until something ends it, and leaves a child behind that a process list would show. */
const greedy: readonly { what: string; script: string; limits: Wish['limits']; reason: string }[] =
  [
    {
      what: 'an endless loop',
      script: 'for (;;);',
      limits: { cpuSeconds: 1 },
      reason: 'cpu',
    },
    {
      what: 'endless loops in many processes',
      script: `for (const _ of '1234') spawn('/usr/bin/perl', ['-e', '1 while 1']);`,
      limits: { cpuSeconds: 1 },
      reason: 'cpu',
    },
    {
      what: 'a sleep that does not end',
      script: 'setInterval(() => undefined, 1000);',
      limits: { wallSeconds: 1 },
      reason: 'wall',
    },
    {
      what: 'a gigabyte of output',
      script: `const line = 'x'.repeat(65535) + '\\n';
      for (let written = 0; written < 2 ** 30; written += line.length) writeSync(1, line);`,
      limits: {},
      reason: 'output',
    },
    {
      what: 'a gigabyte of errors',
      script: `const line = 'x'.repeat(65535) + '\\n';
      for (let written = 0; written < 2 ** 30; written += line.length) writeSync(2, line);`,
      limits: {},
      reason: 'output',
    },
    {
      what: 'a memory hog',
      script: `const kept = []; for (;;) kept.push(Buffer.alloc(${8 * MiB}, 1));`,
      limits: { memoryBytes: 128 * MiB },
      reason: 'memory',
    },
    {
      what: 'memory that many processes take together',
      script: `const take = 'my $x = "x" x ${40 * MiB}; sleep 100';
      for (const _ of '12345') spawn('/usr/bin/perl', ['-e', take]);`,
      limits: { memoryBytes: 128 * MiB },
      reason: 'memory',
    },
    {
      what: 'a /tmp that is filled with empty files',
      script: `spawn('/usr/bin/perl', ['-e', 'open(F, ">", "/tmp/$_") for 1..1e9']);`,
      limits: { memoryBytes: 64 * MiB },
      reason: 'memory',
    },
    {
      what: 'a fork bomb',
      script: `spawn('/usr/bin/perl', ['-e', 'fork while 1']);`,
      limits: {},
      reason: 'processes',
    },
  ];

async function end(script: string, wish: Wish) {
  const mark = marked();
  const prelude = `import { spawn } from 'node:child_process'; import { writeSync } from 'node:fs';
    spawn('/usr/bin/sleep', ['${mark}'], { argv0: 'sleep' });`;
  const { ended, limiter } = await user.run(prelude + script, wish);
  return { limiter, ended, left: bearers(mark) };
}

describe('by limits on each process, and by looking', () => {
  test.each(greedy)('$what ends', async ({ script, limits = {}, reason }) => {
    const { ended, limiter, left } = await end(script, { limits });

    expect(limiter).toBe('rlimits');
    expect(ended).toMatchObject({ status: 'limit', reason });
    expect(ended.resources.wallMs).toBeLessThan(10_000);
    expect(left).toBe(0);
  });
});

const cgroup = makeCgroup({ name: `physiclaw-test-${process.pid}`, uid: UID });
afterAll(() => (cgroup === undefined ? undefined : removeCgroups(foldersOf(cgroup))));

describe.skipIf(cgroup === undefined)('by a control group (this machine grants one)', () => {
  test.each(greedy)('$what ends', async ({ script, limits = {}, reason }) => {
    const { ended, limiter, left } = await end(script, { limits, cgroup });

    expect(limiter).toBe(`cgroup-v${cgroup?.version}`);
    expect(ended).toMatchObject({ status: 'limit', reason });
    expect(left).toBe(0);
  });
});

test('a run that stays below its limits is left alone', async () => {
  const { ended } = await end(`console.log('done'); process.exit(0)`, {});

  expect(ended).toMatchObject({ status: 'ok', output: 'done\n' });
});

test('a plain user without any capability gets the same sandbox', async () => {
  const { ended } = await user.run(
    `import { readFileSync, readdirSync } from 'node:fs';
     const of = (act) => { try { return act(); } catch ({ code }) { return code; } };
     console.log(JSON.stringify([
       /^CapEff:\\s+(\\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1],
       of(() => readdirSync('/mounts/system/root')),
       of(() => readFileSync('/mounts/system/proc/1/environ')),
       of(() => readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).length),
     ]));`,
    { mounts: [{ name: 'system', path: '/', access: 'read' }] },
  );

  expect(JSON.parse(ended.output)).toEqual(['0000000000000000', [], 'EACCES', 1]);
});
