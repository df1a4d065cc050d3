import { expect, test } from 'vitest';
import { maskedPaths } from '../../../appliance/stack/masked.ts';

test('home folders, key folders and what belongs to the stack are masked, each once', () => {
  const paths = maskedPaths(['/srv/physiclaw', '/root']);

  expect(paths).toEqual(
    expect.arrayContaining(['/srv/physiclaw', '/root', '/home', '/etc/ssh', '/etc/shadow', '/run']),
  );
  expect(new Set(paths).size).toBe(paths.length);
});
