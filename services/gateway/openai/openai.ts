import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { agent, type TurnEvent } from '@physiclaw/contracts';
import { renderAnswer } from '@physiclaw/answer';
import { ApplianceError, type Peer } from '@physiclaw/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Caller } from '../desk/desk.ts';
import { refusalOf } from '../door/refusal.ts';
import { GatewayError } from '../errors.ts';
import type { Sessions } from '../session/session.ts';

const MODEL = 'physiclaw';

const Part = z.looseObject({ type: z.string(), text: z.string().optional() });
const Request = z.looseObject({
  model: z.string(),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
        content: z.union([z.string(), z.array(Part), z.null()]).optional(),
      }),
    )
    .min(1),
  stream: z.boolean().default(false),
});

/** OpenAI's chat API, with the agent as the model: each request is a turn in a session of its own. */
export class OpenAi {
  readonly #agent: Peer;
  readonly #sessions: Sessions;

  constructor(agentPeer: Peer, sessions: Sessions) {
    this.#agent = agentPeer;
    this.#sessions = sessions;
  }

  models() {
    return { object: 'list', data: [{ id: MODEL, object: 'model', created: 0, owned_by: MODEL }] };
  }

  /** @throws GatewayError GATEWAY_MODEL_UNKNOWN; ApplianceError BAD_REQUEST */
  async complete(
    { body }: FastifyRequest,
    reply: FastifyReply,
    { person }: Caller,
  ): Promise<unknown> {
    const text = questionOf(body);
    const session = this.#sessions.reserve(person);
    await this.#sessions.open(session, person, []);
    const turn = await this.#sessions.ask(session, person, {
      type: 'question',
      text: text.question,
    });
    reply.header('x-physiclaw-turn', turn);
    const gone = new AbortController();
    reply.raw.on('close', () => gone.abort());
    const follow = this.#agent.follow(
      agent.calls.follow,
      { session, turn },
      { signal: gone.signal },
    );
    const id = `chatcmpl-${randomBytes(12).toString('hex')}`;
    if (text.stream) {
      return reply.type('text/event-stream').send(Readable.from(this.#chunks(id, turn, follow)));
    }
    const content = await this.#last(turn, follow);
    return {
      id,
      object: 'chat.completion',
      created: Math.floor(Date.now() / 1000),
      model: MODEL,
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    };
  }

  async *#chunks(
    id: string,
    turn: string,
    follow: AsyncIterable<TurnEvent>,
  ): AsyncGenerator<string> {
    const created = Math.floor(Date.now() / 1000);
    const chunk = (delta: object, finish: string | null = null) =>
      `data: ${JSON.stringify({
        id,
        object: 'chat.completion.chunk',
        created,
        model: MODEL,
        choices: [{ index: 0, delta, finish_reason: finish }],
      })}\n\n`;
    try {
      yield chunk({ role: 'assistant', content: '' });
      yield chunk({ content: await this.#last(turn, follow) });
      yield chunk({}, 'stop');
    } catch (error) {
      const { code, message } = refusalOf(error);
      yield `data: ${JSON.stringify({ error: { message, type: 'physiclaw', code } })}\n\n`;
    }
    yield 'data: [DONE]\n\n';
  }

  /** The answer, or what the turn waits for: a chat has nowhere to go on after a person's yes. */
  async #last(turn: string, follow: AsyncIterable<TurnEvent>): Promise<string> {
    for await (const { name, data } of follow) {
      if (name === 'approval.requested') return waiting(textOf(data['request']));
      if (name === 'turn.failed') {
        throw new ApplianceError(textOf(data['code']), 502, textOf(data['message']));
      }
    }
    const { answer } = await this.#agent.ask(agent.calls.answer, { turn });
    return renderAnswer(answer);
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function waiting(request: string): string {
  return `This waits for a person's approval: physiclaw approvals approve ${request}`;
}

/** The last user message; what went before it is not read: a session remembers by itself. */
function questionOf(body: unknown): { question: string; stream: boolean } {
  const { error, data } = Request.safeParse(body);
  if (error) throw new ApplianceError('BAD_REQUEST', 400, z.prettifyError(error));
  if (data.model !== MODEL) {
    throw new GatewayError('GATEWAY_MODEL_UNKNOWN', `expected model ${MODEL}, found ${data.model}`);
  }
  const content = data.messages.findLast(({ role }) => role === 'user')?.content;
  const question = Array.isArray(content)
    ? content.map(({ text }) => text ?? '').join('\n')
    : (content ?? '');
  if (question.trim() === '') {
    throw new ApplianceError('BAD_REQUEST', 400, 'expected a user message with text in it');
  }
  return { question, stream: data.stream };
}
