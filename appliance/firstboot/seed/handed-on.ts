import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { RUN } from '@physiclaw/machine';
import { Seed } from './seed.ts';

// In memory, and of root alone: it may hold the recovery key.
const PATH = `${RUN}/seed.json`;

/** What a machine is called that was told no name. */
export const DEFAULT_HOST = 'physiclaw';

/** Leaves the seed to the program that unseals. */
export function leaveSeed(seed: Seed, path: string = PATH): void {
  writeFileSync(path, JSON.stringify(seed), { mode: 0o600 });
}

/** Takes the seed that was left, if there is one; it is gone then. */
export function takeSeed(path: string = PATH): Seed {
  if (!existsSync(path)) return {};
  const text = readFileSync(path, 'utf8');
  rmSync(path);
  return Seed.parse(JSON.parse(text));
}
