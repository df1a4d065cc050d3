import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { serve, textOf } from '../serve.ts';

await serve((given) => {
  const folder = `/mounts/${textOf(given, 'folder')}`;
  const name = textOf(given, 'name');
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) throw new Error(`${name} is no name of a file`);
  // The operand is bound by its digest: these are the bytes that somebody approved.
  const content = readFileSync(`/operands/${textOf(given, 'path')}`);
  const written = writeOnce(folder, name, content);
  return {
    folder: textOf(given, 'folder'),
    name,
    bytes: content.length,
    sha256: hash(content),
    written,
  };
});

/**
 * Whole or not at all, and never over another file: a link to a finished draft is refused where the
 * name is taken. False where the same bytes lie there already.
 */
function writeOnce(folder: string, name: string, content: Buffer): boolean {
  const draft = `${folder}/.${randomBytes(8).toString('hex')}.draft`;
  const file = openSync(draft, 'wx', 0o644);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
    linkSync(draft, `${folder}/${name}`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const there = readNoLink(`${folder}/${name}`);
    if (hash(there) !== hash(content)) {
      throw new Error(`${name} is there, with other bytes: choose another name`, { cause: error });
    }
    return false;
  } finally {
    closeSync(file);
    unlinkSync(draft);
    sync(folder);
  }
  return true;
}

function readNoLink(path: string): Buffer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const bytes = readFileSync(file);
  closeSync(file);
  return bytes;
}

function sync(folder: string): void {
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
