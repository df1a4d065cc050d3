import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { memoryOf, packetsOut, placesOf, readState, type StackState } from '@physiclaw/stack';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nameProcess, packetsSent } from '../../../appliance/stack/process-table.ts';
import { readRecord } from '../../../appliance/stack/state.ts';

const NOBODY = 2 ** 22 + 1;
let home = '';

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'state-')));
  mkdirSync(placesOf(home).run, { recursive: true });
});

afterEach(() => {
  rmSync(placesOf(home).run, { recursive: true });
  rmSync(home, { recursive: true });
});

test('a stack that runs is read as it says', () => {
  const state = stateOf({});
  write(JSON.stringify(state));

  expect(readState(home)).toEqual(state);
});

test.each(['', '{', '{}', '[]'])('a file with %j says nothing', (text) => {
  write(text);

  expect(readState(home)).toBeUndefined();
  expect(readRecord(placesOf(home))).toBeUndefined();
});

test('without a file nothing is said', () => {
  rmSync(dirname(placesOf(home).stateFile), { recursive: true });
  mkdirSync(placesOf(home).run);

  expect(readState(home)).toBeUndefined();
});

test('a stack that ended does not run, though its record can be read', () => {
  const state = stateOf({ startTime: '1' });
  write(JSON.stringify(state));

  expect(readState(home)).toBeUndefined();
  expect(readRecord(placesOf(home))).toEqual(state);
});

test('memory is that of the stack and of its services', () => {
  const alone = memoryOf(stateOf({})) ?? 0;
  const audit = { pid: process.pid, startTime: '1', state: 'ready', restarts: 0 } as const;
  const ended = { pid: NOBODY, startTime: '1', state: 'ended', restarts: 0 } as const;

  expect(memoryOf(stateOf({ services: { audit, ended } }))).toBeGreaterThan(1.5 * alone);
});

test('packets are counted from the start of the stack', () => {
  const since = packetsOut(stateOf({ packetsBefore: packetsSent() - 3 }));

  expect(since.packets).toBeGreaterThanOrEqual(3);
  expect(since.of).toBe('machine');
  expect(packetsOut(stateOf({ packetsBefore: Number.MAX_SAFE_INTEGER })).packets).toBe(0);
});

function stateOf(change: Partial<StackState>): StackState {
  const self = nameProcess(process.pid);
  return {
    pid: process.pid,
    startTime: self?.startTime ?? '',
    home,
    run: placesOf(home).run,
    dist: '/dist',
    port: 18_789,
    isolation: 'none',
    cgroup: 'none',
    cgroupFolders: [],
    keyProvider: 'file',
    services: {},
    packetsBefore: 0,
    ...change,
  };
}

function write(text: string): void {
  writeFileSync(placesOf(home).stateFile, text);
}
