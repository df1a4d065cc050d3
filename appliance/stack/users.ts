import { readFileSync } from 'node:fs';
import { isRefusal } from './error.ts';

interface User {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
}

/** The user of this process. */
export function ownUid(): number {
  return process.getuid?.() ?? 0;
}

/** A user's name, or the number where the machine knows none. */
export function userName(uid: number): string {
  return users().find((user) => user.uid === uid)?.name ?? String(uid);
}

/** The folders in which people of this machine keep their own files. */
export function homeFolders(): string[] {
  const own = users().filter(({ uid, name }) => (uid >= 1000 || uid === 0) && name !== 'nobody');
  const folders = own.map(({ home }) => home).filter((home) => /^\/[^/]/.test(home));
  return [...new Set(['/root', '/home', ...folders])];
}

/** The numbers of those groups that the machine has. */
export function groupIds(names: readonly string[]): number[] {
  const records = readRecords('/etc/group');
  return names.flatMap((name) => {
    const record = records.find(([found]) => found === name);
    return record === undefined ? [] : [Number(record[2])];
  });
}

function users(): User[] {
  return readRecords('/etc/passwd').map(([name = '', , uid, , , home = '']) => ({
    name,
    uid: Number(uid),
    home,
  }));
}

function readRecords(path: string): string[][] {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => line.split(':'));
  } catch (error) {
    // A container need not have one.
    if (isRefusal(error, 'ENOENT')) return [];
    throw error;
  }
}
