import { expect, test } from 'vitest';
import { findCommand } from '#services/tools/intent/actuators.ts';

test.each(['true', '/usr/bin/true', '/bin/true'])('%s is a program of the base', async (name) => {
  const { path, digest } = await findCommand(name);

  expect(path).toMatch(/^\/usr\/bin\//);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  '/proc/self/cwd/usr/bin/true',
  '/proc/self/root/usr/bin/true',
  '/usr/bin/../bin/true',
  'usr/bin/true',
  './true',
  '/tmp/true',
  '',
])('%j is none: in the sandbox it could be another file than it is here', async (name) => {
  await expect(findCommand(name)).rejects.toMatchObject({ code: 'TOOLS_OPERAND_MISSING' });
});
