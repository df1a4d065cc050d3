import { basename, dirname, join } from 'node:path';
import { version } from '@physiclaw/machine';
import { codeOf } from '@physiclaw/platform';
import { placesOf } from '@physiclaw/stack';
import { Command, CommanderError } from 'commander';
import { addAdminCommands } from './command/admin.ts';
import { addAnswerCommands } from './command/answer.ts';
import { addApprovalCommands } from './command/approvals.ts';
import { addAuditCommands } from './command/audit.ts';
import { addBundleCommands } from './command/bundle.ts';
import { addConfigCommands } from './command/config.ts';
import { addDemoCommands } from './command/demo.ts';
import { addPeopleCommands } from './command/people.ts';
import type { Run } from './command/run.ts';
import { addStatusCommand } from './command/status.ts';
import { addSwitchCommands } from './command/switch.ts';
import { addTurnCommands } from './command/turn.ts';
import { addStackCommands } from './command/up.ts';
import { exitCodes } from './exit-code.ts';
import { Failure } from './failure.ts';
import { Printer } from './print/printer.ts';

interface Options {
  readonly home: string;
  readonly json?: boolean;
}

// The clone's own folder when it runs from a build, so that every clone has a stack of its own.
const build = dirname(import.meta.filename);
const ownHome = join(basename(build) === 'dist' ? dirname(build) : process.cwd(), '.physiclaw');

const GUIDE = [
  ['up', 'start, and see what this machine has to say'],
  ['ask', 'what can be asked here; then: ask "is a disk filling up?"'],
  ['call exec -- uname -a', 'one act; it waits until you sign it:'],
  ['approvals list', 'what waits, and how to approve it'],
  ['audit verify', 'check the log that all of this left behind'],
  ['kill', 'stop everything that runs, at once'],
] as const;
const CODES = `Exit codes: 0 done, 1 a fault, 2 wrong usage, 4 \`audit verify\`: sound but not anchored, 5 refused,
6 waits for approval, 7 nothing runs, 8 nothing here can answer that.`;

// Who reads no further, as `head` does, must not end what was begun.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (codeOf(error) !== 'EPIPE') throw error;
  });
}

const program = new Command('physiclaw')
  .description('runs agents whose every act was decided, proven and recorded before it happened')
  .version(version)
  .option('--home <dir>', 'where all state lies', process.env['PHYSICLAW_HOME'] ?? ownHome)
  .option('--json', 'print one JSON value, for programs')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true });
program.addHelpText('after', () => guideFor(selfOf(program.opts<Options>().home)));

const run: Run = async (body) => {
  const { home, json = false } = program.opts<Options>();
  const printer = new Printer(json);
  try {
    const context = { printer, places: placesOf(home), self: selfOf(home) };
    process.exitCode = await body(context);
  } catch (error) {
    process.exitCode = report(printer, error);
  }
};

for (const add of [
  addStackCommands,
  addStatusCommand,
  addTurnCommands,
  addApprovalCommands,
  addPeopleCommands,
  addSwitchCommands,
  addAuditCommands,
  addAnswerCommands,
  addAdminCommands,
  addDemoCommands,
  addConfigCommands,
  addBundleCommands,
]) {
  add(program, run);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  if (error.exitCode !== 0) {
    const { json = false } = program.opts<Options>();
    new Printer(json).value({ error: { code: 'USAGE', message: error.message } });
  }
  process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
}

function report(printer: Printer, error: unknown): number {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'INTERNAL';
  const message = error instanceof Error ? error.message : String(error);
  printer.value({ error: { code, message } });
  printer.problem(`${code}: ${message}`);
  return error instanceof Failure ? error.exitCode : exitCodes.fault;
}

function guideFor(self: string): string {
  const lines = GUIDE.map(([words, what]) => `  ${self} ${words.padEnd(24)} ${what}`);
  return ['', 'Begin with:', ...lines, '', CODES].join('\n');
}

/** How this command line was started, so that what it prints can be typed again as it is. */
function selfOf(home: string): string {
  const self = process.env['PHYSICLAW_SELF'] ?? 'physiclaw';
  return home === ownHome ? quoted(self) : `${quoted(self)} --home ${quoted(home)}`;
}

/** A word as a shell takes it whole. */
function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
