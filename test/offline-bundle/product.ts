import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FILES = {
  '.stamp': 'when it was built',
  'cli.js': 'program',
  'bin/node': 'node',
  'bin/physiclaw': 'launcher',
  'node_modules/@scope/native/package.json': '{"name":"@scope/native","version":"2.0.0"}',
  'node_modules/@scope/native/native.node': 'native',
  'node_modules/plain/package.json': '{"name":"plain","version":"1.0.0"}',
  'node_modules/plain/index.js': 'plain',
  'units/usr/lib/systemd/system/physiclaw-audit.service': '[Service]',
};

/** A folder in the shape of a build. */
export function writeProduct(folder: string): void {
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  for (const program of ['bin/node', 'bin/physiclaw']) chmodSync(join(folder, program), 0o755);
  const wants = join(folder, 'units/usr/lib/systemd/system/physiclaw.target.wants');
  mkdirSync(wants);
  symlinkSync('../physiclaw-audit.service', join(wants, 'physiclaw-audit.service'));
}
