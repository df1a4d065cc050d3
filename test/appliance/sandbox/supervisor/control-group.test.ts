import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ControlGroup } from '#appliance/sandbox/supervisor/control-group.ts';

// Files in the place of the kernel's: what is written and read, in the words of either version.
let folder: string;
let group: ControlGroup;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'group-'));
  group = new ControlGroup([folder], 'run');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const kernel = (files: Record<string, string>) => {
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, 'run', file), text);
};
const told = (file: string) => readFileSync(join(folder, 'run', file), 'utf8');

test('what runs is moved into the group', () => {
  group.admit(4711);

  expect(told('cgroup.procs')).toBe('4711');
});

test('a group goes when its run is over', () => {
  expect(group.released()).toBe(true);
  expect(existsSync(join(folder, 'run'))).toBe(false);
  expect(group.released()).toBe(true);
});

test("a group that cannot be removed is nobody's to forget", () => {
  kernel({ 'cgroup.procs': '' });

  expect(() => group.released()).toThrow('ENOTEMPTY');
});

describe.each([
  {
    version: 2,
    limits: { 'memory.max': '1024', 'memory.swap.max': '0', 'memory.oom.group': '1' },
    used: { 'cpu.stat': 'usage_usec 42000\nuser_usec 1\n', 'memory.peak': '2048\n' },
    memory: { 'memory.events': 'low 0\noom 1\noom_kill 1\noom_group_kill 0\n' },
    fine: { 'memory.events': 'low 0\noom 0\noom_kill 0\n' },
  },
  {
    version: 1,
    limits: { 'memory.limit_in_bytes': '1024', 'memory.memsw.limit_in_bytes': '1024' },
    used: { 'cpuacct.usage': '42000000\n', 'memory.max_usage_in_bytes': '2048\n' },
    memory: { 'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n' },
    fine: { 'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n' },
  },
])('version $version', ({ limits, used, memory, fine }) => {
  test('limits are set where the kernel offers them', () => {
    kernel({
      ...Object.fromEntries(Object.keys(limits).map((file) => [file, ''])),
      'pids.max': '',
    });
    group.limit({ memoryBytes: 1024, processes: 7 });

    for (const [file, value] of Object.entries(limits)) expect(told(file)).toBe(value);
    expect(told('pids.max')).toBe('7');
  });

  test('what was used is read', () => {
    kernel(used);

    expect(group.usage()).toEqual({ cpuMs: 42, memoryBytes: 2048 });
  });

  test('a process that was killed for want of memory shows', () => {
    kernel(memory);

    expect(group.reached()).toBe('memory');
  });

  test('a process that could not be made shows', () => {
    kernel({ ...fine, 'pids.events': 'max 3\n' });
    expect(group.reached()).toBe('processes');

    kernel({ 'pids.events': 'max 0\n' });
    expect(group.reached()).toBeUndefined();
  });

  test('a group is complete with memory, processes and time', () => {
    kernel({ ...limits, ...used, 'pids.max': '' });
    expect(group.complete).toBe(true);

    rmSync(join(folder, 'run', 'pids.max'));
    expect(group.complete).toBe(false);
  });
});
