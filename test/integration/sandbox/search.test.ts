import { expect, test } from 'vitest';
import { openBench } from '../../services/tools/actuators/bench.ts';

test('an expression that would take for ever is stopped, and that is the answer', async () => {
  await using bench = await openBench();
  bench.put('slow.txt', `${'a'.repeat(40)}!\n`);
  const { isError, text } = await bench.act('search_text', { pattern: '^(a+)+$', regex: true });

  const said = 'took more than';
  expect({ isError, text }).toEqual({ isError: true, text: expect.stringContaining(said) });
});
