import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '#test/appliance/platform/echo.ts';

test('a daemon that does not let go in time is cut', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'echo.json');
  writeFileSync(path, JSON.stringify({ logLevel: 'info', fault: 'stuck' }));
  writeFileSync(join(folder.path, 'log-key'), 'k');
  const program = fileURLToPath(new URL('../../appliance/platform/daemon.ts', import.meta.url));
  const env = { CREDENTIALS_DIRECTORY: folder.path };
  const daemon = spawn(process.execPath, [program, path], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (daemon.stdout) await once(daemon.stdout, 'data');
  daemon.kill('SIGTERM');

  expect(await once(daemon, 'exit')).toEqual([0, null]);
}, 15_000);
