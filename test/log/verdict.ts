import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { LogFault, type LogSource, verifyLog } from '@physiclaw/proof';

/** What a verifier says of a folder; `exit` as the command line has it. */
interface Verdict {
  readonly exit: number;
  /** Of a fault: where. */
  readonly file?: string | undefined;
  readonly index?: number | undefined;
}

export interface Verifier {
  readonly name: string;
  /** Of as many flips as are asked for in all, how many go this way. */
  readonly flips: (asked: number) => number;
  verify(folder: string, vkey: string, since?: string): Promise<Verdict>;
}

const COMMAND = join(import.meta.dirname, '../../bin/physiclaw');
const BUILT = join(import.meta.dirname, '../../dist/cli.js');
const SOUND = 4;

/** The verifier as a function; and as the command that people type, where it is built. */
export const verifiers: readonly Verifier[] = [
  { name: 'verifyLog', flips: (asked) => asked, verify: verifyInProcess },
  ...(existsSync(BUILT)
    ? [{ name: 'physiclaw audit verify', flips: () => 10, verify: verifyByCommand }]
    : []),
];

async function verifyInProcess(folder: string, vkey: string, since?: string): Promise<Verdict> {
  const key = readFileSync(vkey, 'utf8').trim();
  const older = since === undefined ? undefined : readFileSync(since, 'utf8');
  try {
    await verifyLog(sourceOf(folder), { vkey: key, since: older });
    return { exit: SOUND };
  } catch (fault) {
    if (!(fault instanceof LogFault)) throw fault;
    return { exit: 1, file: fault.file, index: fault.index };
  }
}

function verifyByCommand(folder: string, vkey: string, since?: string): Promise<Verdict> {
  const words = ['audit', 'verify', folder, '--vkey', vkey];
  if (since !== undefined) words.push('--since', since);
  return new Promise((resolve) => {
    execFile(COMMAND, words, (error, _stdout, stderr) => {
      const exit = error === null ? 0 : Number(error.code);
      const [, file, index] = /(?:^|: )(\S+), entry (\d+): /m.exec(stderr) ?? [];
      resolve({ exit, file, index: index === undefined ? undefined : Number(index) });
    });
  });
}

/** A folder as the verifier reads it. */
function sourceOf(folder: string): LogSource {
  return {
    list: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((one) => !one.isDirectory())
        .map(({ parentPath, name }) => relative(folder, join(parentPath, name))),
    read: (path) => (existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : undefined),
  };
}
