import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyLog } from '@physiclaw/proof';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { folderSource } from './audit.ts';
import type { Run } from './run.ts';

export function addDemoCommands(program: Command, run: Run): void {
  program
    .command('demo')
    .description('see a claim put to the test')
    .command('tamper')
    .description('flip one bit in a copy of the log, and see the verifier say no')
    .action(() => run(tamper));
}

async function tamper({ printer, places }: Context): Promise<ExitCode> {
  const vkey = readFileSync(join(places.anchors, 'log.vkey'), 'utf8').trim();
  const copy = mkdtempSync(join(tmpdir(), 'physiclaw-tamper-'));
  try {
    cpSync(places.log, copy, { recursive: true });
    const sound = await verdictOn(copy, vkey);
    printer.line(`a copy of the log: ${sound ?? 'sound'}`);
    const { path, bit } = flip(copy);
    printer.line(`flipped bit ${bit} of ${path}`);
    const fault = await verdictOn(copy, vkey);
    printer.value({ sound: sound === undefined, path, bit, fault });
    printer.line(`audit verify: ${fault ?? 'sound'}`);
    if (sound === undefined && fault !== undefined) return exitCodes.ok;
    throw new Failure('TAMPERING_UNSEEN', 'expected the copy to be sound before and faulty after');
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function flip(folder: string): { path: string; bit: number } {
  const files = folderSource(folder).list();
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
    await verifyLog(folderSource(folder), { vkey });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
