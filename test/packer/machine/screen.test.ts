import { expect, test } from 'vitest';
import { Screen } from '../../../packer/machine/screen.ts';

test('the last value of a fact counts, whatever stands between', () => {
  const screen = new Screen();
  screen.write('BdsDxe: physiclaw| state: sealing\r\nkernel: state: no\r\n');
  screen.write('\u001b[0mphysiclaw| state: re');
  screen.write('ady\r\n');

  expect(screen.facts()).toEqual(new Map([['state', 'ready']]));
});

test('whoever waits for a line gets it when it comes', async () => {
  const screen = new Screen();
  const waiting = screen.first(/state: (\w+)\r?$/m, 5);
  screen.write('physiclaw| state: ready\r\n');

  expect((await waiting)?.[1]).toBe('ready');
});

test('whoever waits learns that the machine ended, or that the time is over', async () => {
  const screen = new Screen();
  const [late, waiting] = [screen.first(/never/, 0.01), screen.first(/never/, 60)];
  expect(await late).toBeUndefined();
  screen.end();

  expect(await waiting).toBeUndefined();
});
