import { existsSync, readFileSync } from 'node:fs';
import { verifyAnswer } from '@physiclaw/answer';
import { Answer, AnswerBundle } from '@physiclaw/contracts';
import type { Places } from '@physiclaw/stack';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { anchoredKey } from '../log/anchored-key.ts';
import { answerPath, keepAnswer } from '../session/answers.ts';
import { signedInClient } from '../session/sign-in.ts';
import type { Run } from './run.ts';

export function addAnswerCommands(program: Command, run: Run): void {
  const answer = program.command('answer').description('what was answered');
  answer
    .command('verify <answer>')
    .option('--vkey <file>', "the log's verifier key, held outside")
    .description(
      'parse, render and check it again, by its id or its file; needs no running service',
    )
    .action((id: string, { vkey }: { vkey?: string }) =>
      run((context) => verify(context, id, vkey)),
    );
}

async function verify({ printer, places }: Context, id: string, vkey?: string): Promise<ExitCode> {
  const bundle = await find(places, id);
  const key = anchoredKey(places, vkey);
  const faults = await printer.step('verifying', () =>
    Promise.resolve(verifyAnswer(bundle, { vkey: key })),
  );
  const { facts, receipts, findings } = bundle.answer;
  printer.value({ id: bundle.answer.id, sound: faults.length === 0, faults });
  for (const fault of faults) printer.line(`${printer.style('red', 'no')}  ${fault}`);
  if (faults.length > 0) return exitCodes.fault;
  printer.line(
    `${bundle.answer.id}: ${findings.length} findings, ${facts.length} facts, ${receipts.length} receipts hold`,
  );
  return exitCodes.ok;
}

/** An answer kept by this command line or, where a turn ended after it, by the stack. */
async function find({ answers, cliSocket, people }: Places, id: string): Promise<AnswerBundle> {
  const path = existsSync(id) ? id : answerPath(answers, id);
  if (existsSync(path) || !existsSync(cliSocket) || !Answer.shape.id.safeParse(id).success) {
    return readBundle(path);
  }
  return keepAnswer(signedInClient(cliSocket, people), answers, id);
}

// What lies there is not trusted: verification checks every byte of it against the log's key.
function readBundle(path: string): AnswerBundle {
  try {
    return AnswerBundle.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('ANSWER_UNREADABLE', `expected an answer at ${path}: ${why}`);
  }
}
