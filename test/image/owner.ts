import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { methods } from '@physiclaw/contracts';
import { repository } from '../../packer/steps/places.ts';
import type { Visitor } from './visitor.ts';

/** Copies the machine's log out, as it was when the export was recorded. */
export async function exportLog(visitor: Visitor, folder: string): Promise<void> {
  const { checkpoint, files } = await visitor.call('auditExport', methods.auditExport, {});
  const write = (path: string, bytes: Uint8Array) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  };
  for (const path of files) {
    if (path === 'checkpoint') continue;
    const { bytes } = await visitor.call('auditFile', methods.auditFile, { path });
    write(path, Buffer.from(bytes, 'base64'));
  }
  write('checkpoint', Buffer.from(checkpoint));
}

/** What `audit verify` says of a folder, by the key that a screen showed, and its exit code. */
export function verifyLog(folder: string, vkey: string): { said: string; code: number | null } {
  const key = `${folder}.vkey`;
  writeFileSync(key, vkey);
  const verify = ['audit', 'verify', folder, '--vkey', key];
  const { status, stdout, stderr } = spawnSync(join(repository, 'bin/physiclaw'), verify, {
    encoding: 'utf8',
  });
  return { said: `${stdout}${stderr}`, code: status };
}
