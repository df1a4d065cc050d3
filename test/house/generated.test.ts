import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generated } from './generated.ts';

test.each(generated)('%s says what the code says (npm run generate)', (file, part) => {
  const text = readFileSync(file, 'utf8');

  expect(part.put(text)).toBe(text);
});
