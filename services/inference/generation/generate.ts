import { audit, type GenerationEvent, type Message } from '@physiclaw/contracts';
import type { Peer } from '@physiclaw/platform';
import { canonicalize, digestOf } from '@physiclaw/proof';
import { z } from 'zod';
import { chat, type Piece } from '../backend/chat.ts';
import { BackendFailure } from '../backend/failure.ts';
import type { Registry } from '../backend/registry.ts';
import { neutralise } from './neutralise.ts';

export interface GenerateRequest {
  readonly session: string;
  readonly turn: string;
  readonly messages: readonly Message[];
  readonly schema: Readonly<Record<string, unknown>>;
  readonly maxTokens: number;
}

export interface Workshop {
  readonly registry: Registry;
  readonly log: Pick<Peer, 'ask'>;
  readonly patienceMs: number;
  readonly silenceMs: number;
}

interface Tally {
  text: string;
  finish: string;
  input: number | undefined;
  output: number | undefined;
}

type Json = z.infer<ReturnType<typeof z.json>>;
type Read = { value: Json } | { problem: string };

/**
 * Asks the model for one JSON value that obeys a schema. An answer that does not is sent back once
 * with what is wrong; then it is a typed failure. Each exchange is in the log before any of its
 * answer is handed on. The server is the one in use when the call began, to its end.
 *
 * @throws InferenceError MODEL_REQUIRED before the first event.
 */
export async function* generate(
  workshop: Workshop,
  request: GenerateRequest,
  gone: AbortSignal,
): AsyncGenerator<GenerationEvent> {
  const { backend, address } = workshop.registry.required();
  const { patienceMs, silenceMs } = workshop;
  const signal = AbortSignal.any([gone, AbortSignal.timeout(patienceMs)]);
  const messages = request.messages.map(clean);
  for (const repaired of [false, true]) {
    const asked = { ...request, model: backend.model, messages, silenceMs, signal };
    const tally: Tally = { text: '', finish: 'none', input: undefined, output: undefined };
    try {
      for await (const piece of chat(address, asked)) add(tally, piece);
    } catch (error) {
      yield await closed(
        workshop,
        { request, model: backend.model, messages, tally },
        failed(error),
      );
      return;
    }
    const read = readAnswer(tally.text, request.schema);
    const event = eventOf(read, tally, repaired);
    const last = 'value' in read || repaired;
    const told = await closed(workshop, { request, model: backend.model, messages, tally }, event);
    if (last || (told.type === 'failed' && told.code === 'INFERENCE_LOG_UNWRITABLE')) {
      yield told;
      return;
    }
    messages.push(...repairOf(tally.text, 'problem' in read ? read.problem : ''));
  }
}

function clean({ role, content }: Message): Message {
  return { role, content: role === 'system' ? content : neutralise(content) };
}

function add(tally: Tally, piece: Piece): void {
  if (piece.type === 'text') {
    tally.text += piece.text;
    return;
  }
  tally.finish = piece.finish;
  tally.input = piece.input;
  tally.output = piece.output;
}

function readAnswer(text: string, schema: Readonly<Record<string, unknown>>): Read {
  try {
    const { success, data, error } = z.fromJSONSchema(schema).safeParse(JSON.parse(text));
    if (!success) return { problem: z.prettifyError(error) };
    return { value: z.json().parse(data) };
  } catch (cause) {
    return { problem: cause instanceof Error ? cause.message : 'no JSON' };
  }
}

function eventOf(read: Read, { input, output }: Tally, repaired: boolean): GenerationEvent {
  if ('problem' in read) {
    const message = 'expected an answer that obeys the schema; found another twice';
    return { type: 'failed', code: 'INFERENCE_ANSWER_MALFORMED', message };
  }
  return {
    type: 'done',
    value: read.value,
    repaired,
    ...(input !== undefined && { inputTokens: input }),
    ...(output !== undefined && { outputTokens: output }),
  };
}

function repairOf(text: string, problem: string): Message[] {
  return [
    { role: 'assistant', content: neutralise(text.slice(0, 16_384)) },
    {
      role: 'user',
      content: `That does not obey the schema:\n${neutralise(problem)}\nAnswer again, JSON only.`,
    },
  ];
}

function failed(error: unknown): GenerationEvent {
  if (error instanceof BackendFailure) {
    return { type: 'failed', code: error.code, message: error.message };
  }
  throw error;
}

interface Exchange {
  readonly request: GenerateRequest;
  readonly model: string;
  readonly messages: readonly Message[];
  readonly tally: Tally;
}

/** Records an exchange; what cannot be recorded is not handed on. */
async function closed(
  { log }: Workshop,
  { request, model, messages, tally }: Exchange,
  event: GenerationEvent,
): Promise<GenerationEvent> {
  const { session, turn } = request;
  const { text, finish, input, output } = tally;
  const traffic = {
    kind: 'traffic',
    session,
    turn,
    model,
    request: digestOf(
      canonicalize({ messages: [...messages], schema: z.json().parse(request.schema) }),
    ),
    finish: event.type === 'failed' ? event.code : finish,
    ...(text !== '' && { answer: digestOf(text) }),
    ...(input !== undefined && { inputTokens: input }),
    ...(output !== undefined && { outputTokens: output }),
  } as const;
  try {
    await log.ask(audit.calls.append, { event: traffic });
    return event;
  } catch {
    // The log's own error is its service's to report; here it decides what becomes of the answer.
    const message = 'the answer could not be recorded, so it is not used';
    return { type: 'failed', code: 'INFERENCE_LOG_UNWRITABLE', message };
  }
}
