import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import type { Method, methods } from '@physiclaw/contracts';
import { z } from 'zod';
import { exitCodes } from '../exit-code.ts';
import { Failure } from '../failure.ts';

type Methods = typeof methods;
export type MethodName = keyof Methods;

const PATIENCE_MS = 30_000;
const Refusal = z.object({ code: z.string(), message: z.string() });

/** The gateway, reached over its Unix socket. */
export class Client {
  readonly #socket: string;
  readonly #credential: (() => Promise<string>) | undefined;

  constructor(socket: string, credential?: () => Promise<string>) {
    this.#socket = socket;
    this.#credential = credential;
  }

  /** @throws Failure with the gateway's code, or STACK_UNREACHABLE. */
  async call<Request extends z.ZodType, Reply extends z.ZodType>(
    name: MethodName,
    method: Method<Request, Reply>,
    body: z.input<Request>,
  ): Promise<z.output<Reply>> {
    const response = await this.#post(name, method, body);
    const value = await json(response);
    if (response.statusCode === 200) return method.reply.parse(value);
    throw failureOf(value);
  }

  async *follow<Request extends z.ZodType, Reply extends z.ZodType>(
    name: MethodName,
    method: Method<Request, Reply>,
    body: z.input<Request>,
  ): AsyncGenerator<z.output<Reply>> {
    const response = await this.#post(name, method, body);
    if (response.statusCode !== 200) throw failureOf(await json(response));
    try {
      for await (const line of createInterface({ input: response })) {
        const value: unknown = JSON.parse(line);
        if (isRefusal(value)) throw failureOf(value.error);
        yield method.reply.parse(value);
      }
    } finally {
      // Whoever heard enough leaves the others: an open stream would keep the command from ending.
      response.destroy();
    }
  }

  async #post(name: MethodName, method: Method, body: unknown): Promise<IncomingMessage> {
    const bytes = Buffer.from(JSON.stringify(body));
    const authorization =
      method.scope === 'public' ? {} : { authorization: `Bearer ${await this.#signIn()}` };
    try {
      return await new Promise((resolve, reject) => {
        const call = request({
          socketPath: this.#socket,
          method: 'POST',
          path: `/call/${name}`,
          headers: {
            ...authorization,
            'content-type': 'application/json',
            'content-length': bytes.byteLength,
          },
        });
        const patience = method.stream ? 0 : (method.patienceMs ?? PATIENCE_MS);
        call.setTimeout(patience, () => call.destroy(new Error(`no answer in ${patience} ms`)));
        call.on('response', resolve).on('error', reject).end(bytes);
      });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Failure(
        'STACK_UNREACHABLE',
        `the gateway does not answer (${why}); \`status\` says what runs, \`up\` starts it`,
        exitCodes.unreachable,
      );
    }
  }

  async #signIn(): Promise<string> {
    if (this.#credential) return this.#credential();
    throw new Failure('SIGN_IN_REQUIRED', 'this call needs a sign-in');
  }
}

function isRefusal(value: unknown): value is { error: unknown } {
  return typeof value === 'object' && value !== null && 'error' in value;
}

const REFUSED = /^(POLICY|TOOLS)_/;

function failureOf(value: unknown): Failure {
  const { success, data } = Refusal.safeParse(value);
  if (!success) return new Failure('GATEWAY_UNREADABLE', 'the gateway said what is no refusal');
  const { code, message } = data;
  if (code === 'PEER_UNREACHABLE') return new Failure(code, message, exitCodes.unreachable);
  if (code === 'MODEL_REQUIRED') return new Failure(code, message, exitCodes.unanswered);
  return new Failure(code, message, REFUSED.test(code) ? exitCodes.refused : exitCodes.fault);
}
