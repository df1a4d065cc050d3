import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { Api, Call } from '@physiclaw/contracts';
import { z } from 'zod';
import { ApplianceError, codeOf, commonErrors } from './error.ts';
import { readLines } from './ndjson.ts';
import { PeerAgent } from './peer-agent.ts';
import { spiffeIdOf, type SvidSource } from './svid.ts';
import { currentTrace, formatTraceparent, startSpan } from './trace.ts';

export interface PeerOptions {
  socket: string;
  svid: SvidSource;
  trustDomain: string;
}

export interface AskOptions {
  /** Ends the call; `ask` then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Overrides how long the contract says to wait. */
  patienceMs?: number | undefined;
}

interface Question extends AskOptions {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: string;
}

const PATIENCE_MS = 10_000;
const LONGEST_REPLY = 67_108_864;
const Refusal = z.object({ code: z.string().regex(/^[A-Z][A-Z0-9_]*$/), message: z.string() });
const LastLine = z.strictObject({ error: Refusal });

/**
 * Another service, reached by its contract; never somebody else who holds its socket. A question
 * is put once: after an error nobody knows whether it was acted on, so it is not repeated here.
 */
export class Peer implements Disposable {
  readonly #api: Api;
  readonly #socket: string;
  readonly #agent: PeerAgent;

  constructor(api: Api, { socket, svid, trustDomain }: PeerOptions) {
    this.#api = api;
    this.#socket = socket;
    this.#agent = new PeerAgent(spiffeIdOf(trustDomain, api.service), svid);
  }

  /**
   * Resolves with what the service answered; no answer is never a yes.
   *
   * @throws ApplianceError with the service's own code when it refused; PEER_UNREACHABLE when it
   * could not be reached, broke off or answered outside its contract; PEER_SILENT when it did not
   * answer in time. In the last two cases nobody knows whether it acted.
   */
  async ask<Request extends z.ZodType, Reply extends z.ZodType>(
    call: Call<Request, Reply>,
    question: z.input<Request>,
    { signal, patienceMs = call.patienceMs }: AskOptions = {},
  ): Promise<z.output<Reply>> {
    const body = JSON.stringify(question);
    const asked = { method: 'POST', path: `/${call.name}`, body, signal, patienceMs } as const;
    return this.#post(asked, async (response) =>
      this.#parsed(call, JSON.parse(await textOf(response))),
    );
  }

  /**
   * Yields each event of a stream until the service ends it.
   *
   * @throws ApplianceError like `ask`; PEER_UNREACHABLE also when the stream was cut.
   */
  async *follow<Request extends z.ZodType, Reply extends z.ZodType>(
    call: Call<Request, Reply>,
    question: z.input<Request>,
    { signal }: Pick<AskOptions, 'signal'> = {},
  ): AsyncGenerator<z.output<Reply>, void, undefined> {
    const asked = { method: 'POST', path: `/${call.name}`, signal } as const;
    const response = await this.#post({ ...asked, body: JSON.stringify(question) }, keep);
    try {
      for await (const line of readLines(response)) {
        const last = LastLine.safeParse(line).data;
        if (last) throw this.#refused(last.error);
        yield this.#parsed(call, line);
      }
    } catch (error) {
      throw this.#explained(error, signal);
    }
  }

  /** What the service says of itself to whoever watches over it. */
  async page(
    name: 'healthz' | 'metrics',
    { signal, patienceMs }: AskOptions = {},
  ): Promise<string> {
    const asked = { method: 'GET', path: `/${name}`, body: '', signal, patienceMs } as const;
    return this.#post(asked, textOf);
  }

  [Symbol.dispose](): void {
    this.#agent[Symbol.dispose]();
  }

  /** Puts the question, and hands the answer on to `consume` while there is patience. */
  async #post<Result>(
    { signal, patienceMs = PATIENCE_MS, ...question }: Question,
    consume: (response: IncomingMessage) => Result | Promise<Result>,
  ): Promise<Result> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(this.#silent(patienceMs)), patienceMs);
    const end = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
    try {
      const response = await this.#send(question, end);
      if (response.statusCode === 200) return await consume(response);
      const { data } = Refusal.safeParse(JSON.parse(await textOf(response)));
      if (!data) throw new Error(`status ${response.statusCode} without a refusal`);
      throw this.#refused(data, response.statusCode);
    } catch (error) {
      throw this.#explained(error, end);
    } finally {
      clearTimeout(timer);
    }
  }

  async #send({ method, path, body }: Question, end: AbortSignal): Promise<IncomingMessage> {
    const agent = await this.#agent.current();
    end.throwIfAborted();
    const sent = request({
      agent,
      socketPath: this.#socket,
      method,
      path,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        traceparent: formatTraceparent(startSpan(currentTrace())),
      },
    });
    const stop = () => sent.destroy(toError(end.reason));
    end.addEventListener('abort', stop, { once: true });
    sent.once('close', () => end.removeEventListener('abort', stop));
    return new Promise((resolve, reject) => {
      sent.on('response', resolve).on('error', reject).end(body);
    });
  }

  #parsed<Reply extends z.ZodType>({ name, reply }: Call<z.ZodType, Reply>, value: unknown) {
    const { error, data } = reply.safeParse(value);
    if (!error) return data;
    const message = `${this.#api.service} answered ${name} outside its contract`;
    throw new ApplianceError('PEER_UNREACHABLE', 503, message, { cause: error });
  }

  #refused({ code, message }: z.infer<typeof Refusal>, status?: number): ApplianceError {
    const known = status ?? this.#api.errors[code] ?? commonErrors[code] ?? 500;
    return new ApplianceError(code, known, message);
  }

  #silent(patienceMs: number): ApplianceError {
    const message = `${this.#api.service} did not answer within ${patienceMs} ms: look at physiclaw status`;
    return new ApplianceError('PEER_SILENT', 504, message);
  }

  /** What the caller is told: why it was ended, else what the service said, else that it broke. */
  #explained(error: unknown, end: AbortSignal | undefined): Error {
    if (end?.aborted) return toError(end.reason);
    if (error instanceof ApplianceError) return error;
    const why = codeOf(error) ?? 'no reason given';
    const message = `${this.#api.service} cannot be reached, or broke off (${why}): look at physiclaw status`;
    return new ApplianceError('PEER_UNREACHABLE', 503, message, { cause: error });
  }
}

function keep(response: IncomingMessage): IncomingMessage {
  return response;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    if (!(chunk instanceof Buffer)) throw new TypeError('expected bytes');
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > LONGEST_REPLY) throw new RangeError(`more than ${LONGEST_REPLY} bytes`);
  }
  return Buffer.concat(chunks).toString();
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
