import { expect, test } from 'vitest';
import { Children } from '#services/identity/child/children.ts';
import { selfAs, Workload } from '../workload.ts';

async function* pipe(...lines: unknown[]) {
  await Promise.resolve();
  for (const line of lines) yield Buffer.from(`${JSON.stringify(line)}\n`);
}
const self = selfAs('agent');
const onTable = () => undefined;

test('a process of the table is known by pid and start time', async () => {
  const children = new Children();
  await children.follow(pipe({ children: [self] }), onTable);

  expect(children.find(process.pid)).toEqual(self);
  expect(children.find(1)).toBeUndefined();
});

test('a pid that was given away again is nobody', async () => {
  const children = new Children();
  const before = String(Number(self.startTime) - 1);
  await children.follow(pipe({ children: [{ ...self, startTime: before }] }), onTable);

  expect(children.find(process.pid)).toBeUndefined();
});

test('a child that ended is nobody', async () => {
  const children = new Children();
  const workload = new Workload();
  const child = workload.as('agent');
  await children.follow(pipe({ children: [child] }), onTable);
  const [before] = [children.has(child)];
  await workload.end();

  expect([before, children.has(child)]).toEqual([true, false]);
});

test('each table replaces the one before, and the last one stays', async () => {
  const children = new Children();
  const seen: boolean[] = [];
  const tables = pipe({ children: [self] }, { children: [] }, { children: [self] });
  await children.follow(tables, () => seen.push(children.has(self)));

  expect(seen).toEqual([true, false, true]);
  expect(children.has(self)).toBe(true);
});

test('a child under another name is another child', async () => {
  const children = new Children();
  await children.follow(pipe({ children: [self] }), onTable);

  expect(children.has({ ...self, service: 'policy' })).toBe(false);
});

test.each([
  ['is no table', { kids: [] }],
  ['names a person', { children: [{ ...self, service: 'user/ada' }] }],
])('a line that %s is refused', async (_what, line) => {
  await expect(new Children().follow(pipe(line), onTable)).rejects.toThrow(/invalid|unrecognized/i);
});
