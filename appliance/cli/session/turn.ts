import {
  ActuatorReply,
  Answer,
  LogEntry,
  methods,
  type Task,
  type TurnEvent,
} from '@physiclaw/contracts';
import type { z } from 'zod';
import { exitCodes } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import type { Printer } from '../print/printer.ts';
import { keepAnswer } from './answers.ts';
import type { Client } from './client.ts';

export interface TurnOptions {
  readonly session: string;
  readonly task: z.input<typeof Task>;
  /** Where answers are kept, for `answer verify`. */
  readonly answers: string;
  /** Follow the turn to its end also where it waits for an approval. */
  readonly wait: boolean;
}

/** How far a turn came: its answer, and the request that it waits for, if it does. */
export interface Progress {
  readonly turn: string;
  readonly answer: Answer;
  readonly waitsFor?: string;
}

const SHOWN: Partial<Record<TurnEvent['name'], string>> = {
  'tool.requested': 'asks for',
  'tool.started': 'runs',
  'model.requested': 'asks the model',
};

/** Starts a turn and follows it to its end, or to the approval that it waits for. */
export async function runTurn(
  client: Client,
  printer: Printer,
  { session, task, answers, wait }: TurnOptions,
): Promise<Progress> {
  const { turn } = await client.call('ask', methods.ask, { session, task });
  const progress = await follow(client, printer, { session, turn, wait });
  if (progress.waitsFor !== undefined) return progress;
  try {
    await keepAnswer(client, answers, progress.answer.id);
  } catch (error) {
    // The turn has ended and its answer is here: that no copy is kept changes neither.
    const why = error instanceof Error ? error.message : String(error);
    printer.problem(`no copy of ${progress.answer.id} was kept: ${why}`);
  }
  return progress;
}

function follow(
  client: Client,
  printer: Printer,
  { session, turn, wait }: { session: string; turn: string; wait: boolean },
): Promise<Progress> {
  return printer.step('the turn goes on', async () => {
    for await (const event of client.follow('follow', methods.follow, { session, turn })) {
      const progress = progressOf(event);
      if (progress && (progress.waitsFor === undefined || !wait)) return { turn, ...progress };
      const shown = SHOWN[event.name];
      if (shown) printer.progress(`${shown} ${textOf(event.data['actuator'])}`);
    }
    throw new Failure('TURN_CUT', `the events of ${turn} ended before its answer came`);
  });
}

function progressOf({ name, data }: TurnEvent): Omit<Progress, 'turn'> | undefined {
  if (name === 'turn.failed') {
    const code = textOf(data['code']);
    const exit = code === 'MODEL_REQUIRED' ? exitCodes.unanswered : exitCodes.fault;
    throw new Failure(code, textOf(data['message']), exit);
  }
  if (name === 'assistant.message') return { answer: Answer.parse(data['answer']) };
  if (name !== 'approval.requested') return undefined;
  return { answer: Answer.parse(data['answer']), waitsFor: textOf(data['request']) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The exit code that says what came of a turn. */
export function exitCodeOf({ answer, waitsFor }: Progress) {
  if (waitsFor !== undefined) return exitCodes.waits;
  const outcomes = answer.clauses.map(({ outcome }) => outcome);
  const labels = answer.acts.map(({ label }) => label);
  if (outcomes.includes('refused') || labels.includes('refused')) return exitCodes.refused;
  if (labels.includes('failed') || labels.includes('unknown')) return exitCodes.fault;
  return outcomes.some((outcome) => outcome !== 'answered') ? exitCodes.unanswered : exitCodes.ok;
}

/** What the actuator of a `call` turn replied, where it ran. */
export async function replyOf(
  client: Client,
  { answer }: Progress,
): Promise<ActuatorReply | undefined> {
  const number = answer.acts[0]?.receipt;
  const receipt = number === undefined ? undefined : answer.receipts[number - 1];
  if (receipt === undefined) return undefined;
  const { event } = LogEntry.parse(JSON.parse(receipt.entry)).unmapped;
  if (event.kind !== 'outcome' || event.reply === undefined) return undefined;
  const chunks: Buffer[] = [];
  for (let offset = 0; offset < event.reply.bytes;) {
    const question = { session: answer.session, digest: event.reply.digest, offset };
    const { bytes } = await client.call('readBlob', methods.readBlob, question);
    const chunk = Buffer.from(bytes, 'base64');
    if (chunk.byteLength === 0) break;
    chunks.push(chunk);
    offset += chunk.byteLength;
  }
  return ActuatorReply.parse(JSON.parse(Buffer.concat(chunks).toString()));
}
