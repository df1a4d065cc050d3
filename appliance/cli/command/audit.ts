import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LogEntry, methods } from '@physiclaw/contracts';
import { LogFault, openReceipt } from '@physiclaw/proof';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { verifyFolder } from '../log/log-folder.ts';
import { shownEvent } from '../print/event.ts';
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
    .description('the last entries')
    .action(({ count }: { count: string }) => run((context) => tail(context, Number(count))));
  audit
    .command('show <index>')
    .description('one entry, with its proof checked')
    .action((index: string) => run((context) => show(context, Number(index))));
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
  const { from, entries } = await client.call('auditTail', methods.auditTail, {
    count: Math.min(256, Math.max(1, Math.trunc(count) || 20)),
  });
  printer.value({ from, entries: entries.map((text): unknown => JSON.parse(text)) });
  for (const [at, text] of entries.entries()) {
    const { time, unmapped } = LogEntry.parse(JSON.parse(text));
    const reporter = unmapped.reporter.split('/').at(-1) ?? '';
    const shown = shownEvent(unmapped.event);
    const index = String(from + at).padStart(6);
    printer.line(`${index}  ${new Date(time).toISOString()}  ${reporter.padEnd(9)} ${shown}`);
  }
  return exitCodes.ok;
}

async function show({ printer, places }: Context, index: number): Promise<ExitCode> {
  const client = signedInClient(places.cliSocket, places.people);
  const receipt = await client.call('auditReceipt', methods.auditReceipt, { index });
  const vkey = readFileSync(join(places.anchors, 'log.vkey'), 'utf8').trim();
  const { entry, size } = openReceipt(receipt, vkey);
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
  const key = readText(vkey ?? join(places.anchors, 'log.vkey'), 'the verifier key');
  const older = since === undefined ? {} : { since: readText(since, 'the older checkpoint') };
  const checked = { vkey: key.trim(), ...older };
  const report = await printer.step('verifying', () => faultOr(verifyFolder(folder, checked)));
  if (report instanceof LogFault) {
    const { code, file, index, message } = report;
    printer.value({ state: 'faulty', sound: false, file, index, error: { code, message } });
    printer.problem(`${code}: ${message}`);
    return exitCodes.fault;
  }
  const { size, files, origin } = report;
  const root = Buffer.from(report.root).toString('hex');
  printer.value({ state: 'unanchored', sound: true, origin, size, entries: size, files, root });
  printer.line(`${folder}: ${size} entries, every byte accounted for`);
  printer.line(
    'sound, unanchored: this proves order, not history, until a checkpoint is held outside',
  );
  return exitCodes.unanchored;
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

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('FILE_UNREADABLE', `cannot read ${what}: ${why}`);
  }
}
