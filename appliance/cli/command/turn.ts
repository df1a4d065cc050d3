import { renderAnswer } from '@physiclaw/answer';
import { methods, type Task } from '@physiclaw/contracts';
import type { Command } from 'commander';
import type { z } from 'zod';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { shownReply } from '../print/reply.ts';
import { argumentsOf, findActuator } from '../session/arguments.ts';
import type { Client } from '../session/client.ts';
import { signedInClient } from '../session/sign-in.ts';
import { exitCodeOf, type Progress, replyOf, runTurn } from '../session/turn.ts';
import { openSession } from '../session/workspace.ts';
import type { Run } from './run.ts';

interface Options {
  readonly workspace?: string;
  readonly wait?: boolean;
}

/** `ask`, `run`, `call`: one turn each. */
export function addTurnCommands(program: Command, run: Run): void {
  const turn = (name: string) =>
    program
      .command(name)
      .option('--workspace <dir>', 'begin with a copy of this folder')
      .option('--wait', 'wait for an approval that the turn needs');
  turn('ask')
    .argument('[question...]')
    .description('ask in your own words; without a question: what can be asked here')
    .action((words: string[], options: Options) =>
      run((context) => ask(context, words.join(' '), options)),
    );
  turn('run')
    .argument('<runbook>')
    .argument('[slots...]', 'SLOT=VALUE')
    .description('run a runbook by its name')
    .action((runbook: string, slots: string[], options: Options) =>
      run((context) =>
        perform(context, { type: 'runbook', runbook, slots: slotsOf(slots) }, options),
      ),
    );
  turn('call')
    .argument('<actuator>')
    .argument('[arguments...]', 'values in their order, or NAME=VALUE')
    .description('one gated call')
    .action((actuator: string, words: string[], options: Options) =>
      run((context) => call(context, actuator, { words, options })),
    );
}

async function ask(context: Context, question: string, options: Options): Promise<ExitCode> {
  if (question.trim() !== '')
    return perform(context, { type: 'question', text: question }, options);
  const { printer, places, self } = context;
  const client = signedInClient(places.cliSocket, places.people);
  const abilities = await client.call('abilities', methods.abilities, {});
  printer.value(abilities);
  for (const { id, title, asks, slots } of abilities.runbooks) {
    printer.line(`${printer.style('bold', id)}  ${title}`);
    if (asks[0] !== undefined) printer.line(`    ${self} ask ${JSON.stringify(asks[0])}`);
    if (slots.length > 0)
      printer.line(`    ${self} run ${id} ${slots.map((s) => `${s}=…`).join(' ')}`);
  }
  printer.line(`planner: ${abilities.planner}`);
  return exitCodes.ok;
}

async function perform(
  { printer, places, self }: Context,
  task: z.input<typeof Task>,
  { workspace, wait = false }: Options,
): Promise<ExitCode> {
  const client = signedInClient(places.cliSocket, places.people);
  const session = await openSession(client, workspace);
  const { answers } = places;
  const progress = await runTurn(client, printer, { session, task, answers, wait });
  printer.value({ ...progress });
  printer.line(renderAnswer(progress.answer));
  if (progress.waitsFor !== undefined) {
    printer.line(`waits for approval: ${self} approvals approve ${progress.waitsFor}`);
  }
  return exitCodeOf(progress);
}

async function call(
  context: Context,
  name: string,
  { words, options }: { words: readonly string[]; options: Options },
): Promise<ExitCode> {
  const { printer, places } = context;
  const client = signedInClient(places.cliSocket, places.people);
  const { actuators } = await client.call('actuators', methods.actuators, {});
  const actuator = findActuator(actuators, name);
  const session = await openSession(client, options.workspace);
  const task = { type: 'call', actuator: name, arguments: argumentsOf(actuator, words) } as const;
  const wait = options.wait ?? false;
  const { answers } = places;
  const progress = await runTurn(client, printer, { session, task, answers, wait });
  await showCall(context, client, progress);
  return exitCodeOf(progress);
}

async function showCall(context: Context, client: Client, progress: Progress): Promise<void> {
  const { printer, self } = context;
  const reply = await replyOf(client, progress);
  printer.value({ ...progress, ...(reply && { reply: reply.result }) });
  if (reply && !printer.json) {
    const { out, err } = shownReply(reply.result);
    printer.output(out);
    if (err !== '') printer.problem(err.replace(/\n$/, ''));
  }
  if (!printer.json) printer.problem(verdictOn(progress));
  if (progress.waitsFor === undefined) return;
  printer.line(`waits for approval: ${self} approvals approve ${progress.waitsFor}`);
}

/** What came of the one call, on standard error: standard output is the reply's. */
function verdictOn({ answer }: Progress): string {
  const [act] = answer.acts;
  if (act === undefined) return answer.id;
  const rules = act.rules.length > 0 ? ` by ${act.rules.join(', ')}` : '';
  const receipt = act.receipt === undefined ? undefined : answer.receipts[act.receipt - 1];
  const proof = receipt === undefined ? '' : ` · log entry ${receipt.index}`;
  return `${act.label}: ${act.title}${rules}${proof} · ${answer.id}`;
}

function slotsOf(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at > 0) return [word.slice(0, at), word.slice(at + 1)];
      throw new Failure('SLOT_INVALID', `expected SLOT=VALUE, found ${word}`, exitCodes.usage);
    }),
  );
}
