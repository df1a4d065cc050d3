import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Spoken, type Stack, startStack } from './stack.ts';

const Status = z.object({
  running: z.literal(true),
  ready: z.literal(true),
  memoryBytes: z.number(),
  packetsOut: z.object({ packets: z.int() }),
  stack: z.object({ wallMs: z.number(), cpuSeconds: z.number(), port: z.int() }),
  status: z.object({
    tools: z.object({ driver: z.string() }),
    silent: z.record(z.string(), z.string()),
  }),
});

let stack: Stack;
let told: Spoken;
beforeAll(async () => {
  stack = await startStack({ start: false });
  told = await stack.cli('up', '--port', String(stack.port));
}, 120_000);
afterAll(() => stack[Symbol.asyncDispose]());

const lines = () => told.out.trimEnd().split('\n');
const line = (start: string) => lines().find((one) => one.startsWith(start)) ?? '';
const answersOf = () => readdirSync(join(stack.home, 'answers')).map((name) => name.slice(0, -5));

test('up ends with findings about this machine, on one screen', () => {
  expect(told).toMatchObject({ code: 0 });
  expect(lines().length).toBeLessThanOrEqual(40);
  expect(told.out).toMatch(/^(critical|warning|notice|ok) .*\[\d+\]/m);
  expect(told.out).toMatch(/^not checked: /m);
  expect(told.out).toMatch(/packets out .*: 0$/m);
});

test('one act of each kind is labelled, with the rule and the entry', () => {
  expect(line('done ')).toMatch(/write_file report\.md \(\d+ bytes\) \[1\] \(entry \d+\)$/);
  expect(line('refused ')).toMatch(/\(hard:[a-z-]+\) \[1\] \(entry \d+\)$/);
  expect(line('waits ')).toMatch(/export_file report\.md reports .*\((balanced:[a-z-]+,? ?)+\)/);
});

test('what it prints to be typed is short of nothing', async () => {
  const commands = lines().filter((one) => one.includes(`--home ${stack.home}`));
  const verify = commands.find((one) => one.includes('audit verify')) ?? '';
  const typed = await stack.shell(verify.replace(/^prove +/, '').replace(/ +\(.*$/, ''));

  expect(commands.length).toBeGreaterThanOrEqual(4);
  expect(typed.out).toContain('sound, unanchored');
  expect(typed.code).toBe(4);
});

test('the command that approves works as printed, and the turn goes on by itself', async () => {
  const command = lines().find((one) => one.includes('approvals approve')) ?? '';
  const approved = await stack.shell(command.trim());
  const [report = ''] = await eventually(() => readdirSync(join(stack.home, 'exports')));

  expect(approved).toMatchObject({ code: 0 });
  expect(approved.out).toContain('approved');
  expect(readFileSync(join(stack.home, 'exports', report), 'utf8')).toContain('not checked');
});

test('each answer was kept for its owner alone', async () => {
  const kept = answersOf();

  expect(kept).toHaveLength(3);
  for (const id of kept) {
    expect(statSync(join(stack.home, 'answers', `${id}.json`)).mode & 0o777).toBe(0o600);
    expect(await stack.cli('answer', 'verify', id)).toMatchObject({ code: 0 });
  }
});

test('an answer that came after the command had ended is fetched to be verified', async () => {
  const { out } = await stack.cli('--json', 'audit', 'tail', '-n', '40');
  const Tail = z.object({
    entries: z.array(
      z.object({ unmapped: z.object({ event: z.looseObject({ kind: z.string() }) }) }),
    ),
  });
  const turns = Tail.parse(JSON.parse(out)).entries.map(({ unmapped }) => unmapped.event);
  const answered = turns.filter(({ kind, verb }) => kind === 'turn' && verb === 'answered');
  const ids = answered.map(({ turn }) => `a-${String(turn).slice(2)}`);
  const late = ids.find((id) => !answersOf().includes(id)) ?? '';

  expect(await stack.cli('answer', 'verify', late)).toMatchObject({ code: 0 });
});

test('up where it runs already says so and is no failure; another port is one', async () => {
  const again = await stack.cli('up');
  const other = await stack.cli('up', '--port', '1');

  expect(again.code).toBe(0);
  expect(again.out).toContain('runs already');
  expect(other.code).toBe(1);
  expect(other.err).toContain('STACK_RUNNING');
});

test('status tells everything at once, and the services are small', async () => {
  const { code, value } = await stack.json('status');
  const { memoryBytes, packetsOut, status } = Status.parse(value);
  process.stdout.write(`memory of all services: ${Math.round(memoryBytes / 2 ** 20)} MiB of PSS\n`);

  expect(code).toBe(0);
  expect(memoryBytes).toBeLessThanOrEqual(400 * 2 ** 20);
  expect(packetsOut.packets).toBe(0);
  expect(status.silent).toEqual({});
});

test('stopped, it still proves what it did; started again, it is ready soon', async () => {
  await stack.cli('down');
  const [id = ''] = answersOf();
  expect(await stack.cli('answer', 'verify', id)).toMatchObject({ code: 0 });
  expect((await stack.cli('audit', 'verify')).code).toBe(4);
  expect((await stack.cli('demo', 'tamper')).code).toBe(0);
  expect((await stack.cli('status')).code).toBe(7);

  expect(await stack.cli('up', '--no-tour')).toMatchObject({ code: 0 });
  const { wallMs, cpuSeconds } = Status.parse((await stack.json('status')).value).stack;
  // Wall time is for quiet processors; the work is the same on busy ones.
  process.stdout.write(`start to ready: ${wallMs} ms, ${cpuSeconds} s of CPU\n`);
  expect(cpuSeconds).toBeLessThanOrEqual(5);
});

async function eventually<Value>(look: () => Value[]): Promise<Value[]> {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = look();
    if (found.length > 0) return found;
    await setTimeout(100);
  }
  return [];
}
