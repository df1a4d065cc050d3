import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import type { Message } from '@physiclaw/contracts';
import { z } from 'zod';
import type { Address } from './address.ts';
import { BackendFailure } from './failure.ts';
import { ask, failureOf } from './request.ts';

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly schema: Readonly<Record<string, unknown>>;
  readonly maxTokens: number;
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/** One piece of an answer; the last carries how it ended. */
export type Piece =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'end';
      readonly finish: string;
      readonly input: number | undefined;
      readonly output: number | undefined;
    };

const Usage = z.object({
  prompt_tokens: z.int().optional(),
  completion_tokens: z.int().optional(),
});
const Chunk = z.object({
  error: z.unknown().optional(),
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish() }).optional(),
        finish_reason: z.string().nullish(),
      }),
    )
    .optional(),
  usage: Usage.nullish(),
});
type Chunk = z.infer<typeof Chunk>;

/** Longest answer that is read, in characters: a server that never ends must not fill memory. */
const MOST_TEXT = 1_048_576;

/**
 * Streams one answer of OpenAI's chat completions API.
 *
 * @throws BackendFailure also for an error inside a 200 answer, and for one that ends unfinished.
 */
export async function* chat(address: Address, request: ChatRequest): AsyncGenerator<Piece> {
  const { model, messages, schema, maxTokens, silenceMs, signal } = request;
  const body = {
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0,
    max_tokens: maxTokens,
    response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } },
  };
  const asking = { method: 'POST', path: '/chat/completions', body, silenceMs, signal } as const;
  yield* pieces(chunks(await ask(address, asking), signal));
}

async function* pieces(source: AsyncIterable<Chunk>): AsyncGenerator<Piece> {
  let finish: string | undefined;
  let usage: z.infer<typeof Usage> = {};
  let length = 0;
  for await (const chunk of source) {
    const { text, ended } = partOf(chunk);
    length += text.length;
    if (length > MOST_TEXT) throw cut(`an answer of over ${MOST_TEXT} characters`);
    if (text !== '') yield { type: 'text', text };
    finish = ended ?? finish;
    usage = chunk.usage ?? usage;
  }
  if (finish === undefined) throw cut('the stream ended before the answer did');
  if (finish === 'length') throw cut('the answer reached its limit of tokens');
  yield { type: 'end', finish, input: usage.prompt_tokens, output: usage.completion_tokens };
}

function partOf({ error, choices }: Chunk): { text: string; ended: string | undefined } {
  // An error beats the 200 in front of it and the [DONE] behind it.
  if (error !== undefined && error !== null) {
    throw new BackendFailure('INFERENCE_BACKEND_ERROR', 'the model server reported an error');
  }
  const [choice] = choices ?? [];
  return { text: choice?.delta?.content ?? '', ended: choice?.finish_reason ?? undefined };
}

async function* chunks(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<Chunk> {
  try {
    for await (const line of createInterface({ input: response })) {
      if (!line.startsWith('data:')) continue;
      const data = line.slice('data:'.length).trim();
      if (data === '[DONE]') return;
      yield read(data);
    }
  } catch (cause) {
    const failure = failureOf(cause, signal);
    if (failure.code !== 'INFERENCE_BACKEND_UNREACHABLE') throw failure;
    throw cut('the model server broke off', cause);
  } finally {
    response.destroy();
  }
}

function read(data: string): Chunk {
  try {
    return Chunk.parse(JSON.parse(data));
  } catch (cause) {
    const message = 'expected a chat.completion.chunk from the model server, found something else';
    throw new BackendFailure('INFERENCE_ANSWER_MALFORMED', message, { cause });
  }
}

function cut(message: string, cause?: unknown): BackendFailure {
  return new BackendFailure('INFERENCE_ANSWER_CUT', message, { cause });
}
