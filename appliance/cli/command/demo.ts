import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { anchoredKey } from '../log/anchored-key.ts';
import { snapshotOf, verifyFolder } from '../log/log-folder.ts';
import type { Run } from './run.ts';

const MOST_LOOKS = 20;

export function addDemoCommands(program: Command, run: Run): void {
  program
    .command('demo')
    .description('see a claim put to the test')
    .command('tamper')
    .description('flip one bit in a copy of the log, and see the verifier say no')
    .action(() => run(tamper));
}

async function tamper({ printer, places }: Context): Promise<ExitCode> {
  const vkey = anchoredKey(places);
  const copy = mkdtempSync(join(tmpdir(), 'physiclaw-tamper-'));
  try {
    const before = await copyLog(places.log, copy, vkey);
    printer.line(`a copy of the log: ${before ?? 'sound'}`);
    const { path, bit } = flip(copy);
    printer.line(`flipped bit ${bit} of ${path}`);
    const fault = await verdictOn(copy, vkey);
    printer.line(`audit verify: ${fault ?? 'sound'}`);
    if (before !== undefined || fault === undefined) {
      const message = 'expected the copy to be sound before and faulty after';
      throw new Failure('TAMPERING_UNSEEN', message);
    }
    printer.value({ sound: true, path, bit, fault });
    return exitCodes.ok;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Copies the log as it was at one moment, and says what is wrong with the copy, if anything is. */
async function copyLog(log: string, copy: string, vkey: string): Promise<string | undefined> {
  for (let looks = 1; ; looks += 1) {
    const source = snapshotOf(log);
    rmSync(copy, { recursive: true });
    for (const path of source.list()) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), source.read(path) ?? '');
    }
    const fault = await verdictOn(copy, vkey);
    // A batch may have been on its way to the disk while it was copied.
    const stood = snapshotOf(log).mark === source.mark;
    if (fault === undefined || stood || looks === MOST_LOOKS) return fault;
  }
}

function flip(folder: string): { path: string; bit: number } {
  const files = snapshotOf(folder).list();
  const path = files[randomInt(files.length)] ?? 'checkpoint';
  const file = join(folder, path);
  const bit = randomInt(statSync(file).size * 8);
  const bytes = readFileSync(file);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  writeFileSync(file, bytes);
  return { path, bit };
}

async function verdictOn(folder: string, vkey: string): Promise<string | undefined> {
  try {
    await verifyFolder(folder, { vkey });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
