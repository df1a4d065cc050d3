import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const CHILD = `
  import { closeInherited } from '#appliance/sandbox/supervisor/inherited.ts';
  import { spawnSync } from 'node:child_process';
  const before = spawnSync('ls', ['/proc/self/fd']).stdout.toString();
  closeInherited();
  const after = spawnSync('ls', ['/proc/self/fd']).stdout.toString();
  console.log(JSON.stringify([before, after].map((list) => list.includes('200'))));`;

test('what a shell left open is not handed on', () => {
  const script = `exec 200</dev/null; exec "$1" --input-type=module -e "$2"`;
  const { stdout } = spawnSync('bash', ['-c', script, 'bash', process.execPath, CHILD]);

  expect(JSON.parse(stdout.toString())).toEqual([true, false]);
});
