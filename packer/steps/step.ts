import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** One step on the way to the image. */
export interface Step {
  readonly name: string;
  /** Steps whose result it works on. */
  readonly after?: readonly string[];
  /** Files and folders that it reads besides. */
  readonly reads: readonly string[];
  /** What it leaves, whole or not at all. */
  readonly makes: readonly string[];
  readonly run: () => void | Promise<void>;
}

/**
 * Takes a step, or skips it where it was taken with the same inputs and what it made is there; prints
 * which, and the seconds. `stamps` is the folder that remembers what was taken.
 */
export async function take(step: Step, stamps: string): Promise<void> {
  const began = performance.now();
  const stamp = join(stamps, `${step.name}.stamp`);
  const digest = digestOf(step, stamps);
  const isCurrent = existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;
  const isTaken = isCurrent && step.makes.every((path) => existsSync(path));
  if (!isTaken) {
    rmSync(stamp, { force: true });
    for (const path of step.makes) {
      rmSync(path, { recursive: true, force: true });
      mkdirSync(dirname(path), { recursive: true });
    }
    await step.run();
    writeFileSync(stamp, digest);
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(`${step.name}: ${isTaken ? 'as before' : 'done'}, ${seconds} s\n`);
}

/** A stamp says what its step was made from, so it stands for all that came before. */
function digestOf({ name, after = [], reads }: Step, stamps: string): string {
  const hash = createHash('sha256').update(name);
  for (const previous of after) hash.update(readFileSync(join(stamps, `${previous}.stamp`)));
  for (const path of reads) addTo(hash, path, '');
  return hash.digest('hex');
}

function addTo(hash: ReturnType<typeof createHash>, path: string, name: string): void {
  if (!statSync(path).isDirectory()) {
    hash.update(`${name}\0`).update(readFileSync(path));
    return;
  }
  for (const entry of readdirSync(path).toSorted()) {
    addTo(hash, join(path, entry), `${name}/${entry}`);
  }
}
