import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LogEntry, methods } from '@physiclaw/contracts';
import { LogFault, openCheckpoint } from '@physiclaw/proof';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { anchoredKey, readText } from '../log/anchored-key.ts';
import { verifyFolder } from '../log/log-folder.ts';
import { shownEvent } from '../print/event.ts';
import { proveEntry, proveLast } from '../session/log-entries.ts';
import { signedInClient } from '../session/sign-in.ts';
import type { Run } from './run.ts';

interface VerifyOptions {
  readonly vkey?: string;
  readonly since?: string;
}

export function addAuditCommands(program: Command, run: Run): void {
  const audit = program.command('audit').description('the log of all that was decided and done');
  audit
    .command('tail')
    .option('-n, --count <entries>', 'how many', '20')
    .description('the last entries, with their proof checked')
    .action(({ count }: { count: string }) => run((context) => tail(context, Number(count))));
  audit
    .command('show <index>')
    .description('one entry, with its proof checked')
    .action((index: string) => run((context) => show(context, index)));
  audit
    .command('verify [dir]')
    .option('--vkey <file>', "the log's verifier key, held outside")
    .option('--since <file>', 'a checkpoint held outside, which the log must extend')
    .description('check every byte of a log; needs no running service')
    .action((dir: string | undefined, options: VerifyOptions) =>
      run((context) => verify(context, dir, options)),
    );
  audit
    .command('export <dir>')
    .description('copy the log out; the copy verifies elsewhere')
    .action((dir: string) => run((context) => exportLog(context, dir)));
}

async function tail({ printer, places }: Context, count: number): Promise<ExitCode> {
  const client = signedInClient(places.cliSocket, places.people);
  const most = Math.min(256, Math.max(1, Math.trunc(count) || 20));
  const { from, entries, size } = await proveLast(client, most, anchoredKey(places));
  printer.value({ from, size, entries: entries.map((text): unknown => JSON.parse(text)) });
  for (const [at, text] of entries.entries()) {
    const { time, unmapped } = LogEntry.parse(JSON.parse(text));
    const reporter = unmapped.reporter.split('/').at(-1) ?? '';
    const shown = shownEvent(unmapped.event);
    const index = String(from + at).padStart(6);
    printer.line(`${index}  ${new Date(time).toISOString()}  ${reporter.padEnd(9)} ${shown}`);
  }
  printer.line(`these are the last entries of the log of ${size} that its key signed`);
  return exitCodes.ok;
}

async function show({ printer, places }: Context, word: string): Promise<ExitCode> {
  if (!/^\d{1,15}$/.test(word)) {
    const message = `expected the number of an entry, found ${word}; \`audit tail\` shows some`;
    throw new Failure('INDEX_INVALID', message, exitCodes.usage);
  }
  const client = signedInClient(places.cliSocket, places.people);
  const { receipt, opened } = await proveEntry(client, Number(word), anchoredKey(places));
  const { entry, index, size } = opened;
  printer.value({ receipt, entry, size });
  printer.line(JSON.stringify(entry, undefined, 2));
  printer.line(`entry ${index} is in the log of ${size} entries: leaf, path and signature hold`);
  return exitCodes.ok;
}

async function verify(
  { printer, places }: Context,
  dir: string | undefined,
  { vkey, since }: VerifyOptions,
): Promise<ExitCode> {
  const folder = dir ?? places.log;
  const key = anchoredKey(places, vkey);
  const held = since === undefined ? undefined : readText(since, 'the older checkpoint');
  const report = await printer.step('verifying', () =>
    faultOr(verifyFolder(folder, { vkey: key, since: held })),
  );
  if (report instanceof LogFault) {
    const { code, file, index, message } = report;
    printer.value({ state: 'faulty', sound: false, file, index, error: { code, message } });
    printer.problem(`${code}: ${message}`);
    return exitCodes.fault;
  }
  const { size, files, origin } = report;
  const root = Buffer.from(report.root).toString('hex');
  const anchor = held === undefined ? undefined : { size: openCheckpoint(held, key).size };
  const state = 'unanchored';
  printer.value({ state, sound: true, since: anchor, origin, size, entries: size, files, root });
  printer.line(`${folder}: ${size} entries, every byte accounted for`);
  printer.line(anchor ? extendsLine(anchor.size, size) : UNANCHORED);
  return exitCodes.unanchored;
}

const UNANCHORED =
  'sound, unanchored: this proves order, not history, until a checkpoint is held outside';

/** What an older checkpoint adds, and for which entries it adds nothing. */
function extendsLine(held: number, size: number): string {
  const proven = `it extends the checkpoint held outside: its first ${held} entries are those of then`;
  if (held === size) return `sound; ${proven}, and there are no others`;
  return `sound; ${proven}; the other ${size - held} are unanchored: their order is proven, not their history`;
}

async function faultOr<Result>(verified: Promise<Result>): Promise<Result | LogFault> {
  try {
    return await verified;
  } catch (error) {
    if (error instanceof LogFault) return error;
    throw error;
  }
}

async function exportLog({ printer, places, self }: Context, dir: string): Promise<ExitCode> {
  if (existsSync(dir) && readdirSync(dir).length > 0) {
    throw new Failure('EXPORT_FOLDER_IN_USE', `expected ${dir} to be absent or empty`);
  }
  const client = signedInClient(places.cliSocket, places.people);
  const { size, checkpoint, files } = await client.call('auditExport', methods.auditExport, {});
  const write = (path: string, bytes: Uint8Array) => {
    const target = join(dir, 'log', path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  };
  for (const path of files.filter((name) => name !== 'checkpoint')) {
    const { bytes } = await client.call('auditFile', methods.auditFile, { path });
    write(path, Buffer.from(bytes, 'base64'));
  }
  // Last, so that a copy that was cut is not taken for a whole one.
  write('checkpoint', Buffer.from(checkpoint));
  cpSync(join(places.anchors, 'log.vkey'), join(dir, 'log.vkey'));
  printer.value({ size, files: files.length, dir });
  printer.line(
    `${files.length} files, ${size} entries: ${self} audit verify ${dir}/log --vkey ${dir}/log.vkey`,
  );
  return exitCodes.ok;
}
