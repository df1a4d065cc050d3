import { expect, test } from 'vitest';
import { Miner, type Shape } from '#services/tools/actuators/log-shapes/miner.ts';

const HOUR = 3600;
const window = { from: 0, recentFrom: 24 * HOUR, until: 25 * HOUR };

function mine(lines: readonly (readonly [at: number | undefined, text: string])[]): Shape[] {
  const miner = new Miner(window);
  for (const [at, text] of lines) miner.add({ source: 'app.log', at, text });
  return miner.shapes();
}

test('lines that differ in their variable parts are one shape', () => {
  const shapes = mine([
    [1, 'user 17 logged in from 10.0.0.1'],
    [2, 'user 99 logged in from 10.0.0.2'],
  ]);

  expect(shapes).toMatchObject([
    {
      template: 'user <n> logged in from <ip>',
      example: 'user 17 logged in from 10.0.0.1',
      count: 2,
      firstUnixSeconds: 1,
      lastUnixSeconds: 2,
    },
  ]);
});

test('where alike lines differ in a word the shape has a gap', () => {
  expect(
    mine([
      [1, 'unit alpha is up'],
      [2, 'unit beta is up'],
    ]),
  ).toMatchObject([{ template: 'unit <*> is up' }]);
});

test('lines that say different things stay apart', () => {
  expect(
    mine([
      [1, 'unit alpha is up'],
      [2, 'unit was never so far down'],
    ]),
  ).toHaveLength(2);
});

test('a shape that the log did not have before is new', () => {
  const [first, second] = mine([
    [HOUR, 'all is as always'],
    [24 * HOUR + 1, 'all is as always'],
    [24 * HOUR + 2, 'disk sda is failing now'],
  ]);

  expect(first).toMatchObject({ template: 'disk sda is failing now', new: true });
  expect(second).toMatchObject({ new: false, recentCount: 1, earlierCount: 1 });
});

test('in a log that only just began nothing is new', () => {
  expect(mine([[24 * HOUR + 1, 'hello']])).toMatchObject([{ new: false, recentCount: 1 }]);
});

test('a shape that comes more often than before says how much', () => {
  const before = Array.from({ length: 24 }, (_, hour) => [hour * HOUR, 'retry'] as const);
  const now = Array.from({ length: 10 }, (_, at) => [24 * HOUR + at, 'retry'] as const);

  expect(mine([...before, ...now])).toMatchObject([{ burstRatio: 10, bursting: true }]);
});

test('one line more than before is no burst', () => {
  const lines = [HOUR, 24 * HOUR].map((at) => [at, 'once a day'] as const);

  expect(mine(lines)).toMatchObject([{ burstRatio: 23, bursting: false }]);
});

test('lines outside the window do not count', () => {
  expect(
    mine([
      [-1, 'too early'],
      [26 * HOUR, 'too late'],
    ]),
  ).toEqual([]);
});

test('a line without a time counts, and is neither new nor a burst', () => {
  expect(mine([[undefined, 'when?']])).toMatchObject([
    { count: 1, recentCount: 0, new: false, burstRatio: 0 },
  ]);
});

test('the same lines in another order give the same shapes', () => {
  const lines = [
    [1, 'b is up'],
    [2, 'a went down hard'],
    [3, 'c'],
  ] as const;

  expect(mine(lines.toReversed())).toEqual(mine(lines));
});
