import type { Api, Call, SpiffeId } from '@physiclaw/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { acquaintances, type Admission, admitting } from './admission.ts';
import { ApplianceError } from './error.ts';
import { createHttp, type Http, useSvid } from './http.ts';
import type { Logger } from './log.ts';
import { Metrics, outcomeOf } from './metrics.ts';
import { claimSocket } from './own-socket.ts';
import { refuse } from './refusal.ts';
import type { Service } from './run.ts';
import type { SvidSource } from './svid.ts';
import { pourLines } from './stream.ts';
import { parseTraceparent, startSpan, type Trace, withTrace } from './trace.ts';

export interface ServerOptions {
  socket: string;
  svid: SvidSource;
  log: Logger;
  trustDomain: string;
}

/** What a handler knows of a call beside the question. */
export interface CallContext {
  /** Who asks, as the SVID says. */
  readonly caller: SpiffeId;
  /** Aborted when the caller went away, and when the service stops. */
  readonly signal: AbortSignal;
  readonly trace: Trace;
}

type Handler<Request extends z.ZodType, Reply extends z.ZodType> = (
  request: z.output<Request>,
  context: CallContext,
) => z.input<Reply> | Promise<z.input<Reply>>;

type StreamHandler<Request extends z.ZodType, Reply extends z.ZodType> = (
  request: z.output<Request>,
  context: CallContext,
) => AsyncIterable<z.input<Reply>>;

type Work = (body: unknown, context: CallContext, reply: FastifyReply) => Promise<unknown>;

/**
 * Serves a contract over mutual TLS on a Unix socket. Whoever is not on a call's list is refused
 * before the request is read, also on a connection that outlived its certificate. A new SVID is
 * used for each connection from then on; those that stand go on.
 */
export class Server implements Service {
  readonly #api: Api;
  readonly #options: ServerOptions;
  readonly #http: Http;
  readonly #metrics: Metrics;
  readonly #running = new Set<AbortController>();
  #renewal: Disposable | undefined;

  constructor(api: Api, options: ServerOptions) {
    this.#api = api;
    this.#options = options;
    this.#metrics = new Metrics(api.service);
    this.#http = createHttp(options.log, admitting(options.trustDomain, acquaintances(api)));
    this.#page('healthz', () => ({ service: api.service, status: 'ready' }));
    this.#page('metrics', () => this.#metrics.toText());
  }

  /** Answers a call with what `handle` returns, once that fits the contract. */
  answer<Request extends z.ZodType, Reply extends z.ZodType>(
    call: Call<Request, Reply>,
    handle: Handler<Request, Reply>,
  ): this {
    return this.#route(call, async (body, context) =>
      call.reply.parse(await handle(read(call, body), context)),
    );
  }

  /**
   * Answers a call with each value of `handle`, no faster than the caller reads. A handler that
   * waits looks at `signal`. Its error is the last line; a stream that was cut has no last line.
   */
  stream<Request extends z.ZodType, Reply extends z.ZodType>(
    call: Call<Request, Reply>,
    handle: StreamHandler<Request, Reply>,
  ): this {
    return this.#route(call, async (body, context, reply) => {
      const events = handle(read(call, body), context);
      reply.hijack();
      const parsed = (event: unknown) => call.reply.parse(event);
      await pourLines(events, { parsed, to: reply.raw, signal: context.signal });
    });
  }

  /** Adds gauges of the service's own to `/metrics`; each is named for the service. */
  onMetrics(gauges: () => Record<string, number>): this {
    this.#metrics.add(gauges);
    return this;
  }

  /**
   * Waits for the first SVID, then serves.
   *
   * @throws Error that names a call of the contract that nothing answers.
   * @throws ApplianceError SOCKET_TAKEN when another process serves the socket.
   */
  async listen(): Promise<void> {
    for (const { name } of Object.values(this.#api.calls)) {
      if (this.#http.hasRoute({ method: 'POST', url: `/${name}` })) continue;
      throw new Error(`nothing answers ${this.#api.service}.${name}`);
    }
    const { socket: path, svid } = this.#options;
    useSvid(this.#http, await svid.current());
    this.#renewal = svid.onChange((renewed) => useSvid(this.#http, renewed));
    await claimSocket(path);
    // Mutual TLS guards the socket, not its mode: the services have different users.
    const open = { path, readableAll: true, writableAll: true };
    await this.#http.listen(open);
  }

  /** Ends streams, lets answers under way go out, and then closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#renewal?.[Symbol.dispose]();
    const reason = new ApplianceError('PEER_UNREACHABLE', 503, `${this.#api.service} stops`);
    for (const call of this.#running) call.abort(reason);
    await this.#http.close();
  }

  #page(name: string, content: () => unknown): void {
    // The hook that admits all acquaintances guards these: they name no call.
    this.#http.get(`/${name}`, () => content());
  }

  #route(call: Call, work: Work): this {
    const admit = admitting(this.#options.trustDomain, call.callers);
    this.#http.post(`/${call.name}`, {
      onRequest: ({ raw }, _reply, done) => {
        admit(raw.socket);
        done();
      },
      handler: (request, reply) => this.#run(call, { request, reply, admit, work }),
    });
    return this;
  }

  async #run(
    { name }: Call,
    { request, reply, admit, work }: { admit: Admission; work: Work } & Exchange,
  ): Promise<unknown> {
    const since = performance.now();
    const trace = startSpan(parseTraceparent(request.headers['traceparent']));
    const running = this.#track(reply);
    try {
      const context = { caller: admit(request.raw.socket), signal: running.signal, trace };
      const answer = await withTrace(trace, () => work(request.body, context, reply));
      this.#metrics.count(name, since, 'ok');
      return answer;
    } catch (cause) {
      const error = reasonOf(cause, running.signal);
      this.#metrics.count(name, since, outcomeOf(error));
      return withTrace(trace, () => refuse(error, reply, this.#options.log));
    } finally {
      this.#running.delete(running);
    }
  }

  #track({ raw }: FastifyReply): AbortController {
    const running = new AbortController();
    this.#running.add(running);
    // The stop waits for connections: an answer that goes out during it is the last one on its own.
    running.signal.addEventListener('abort', () => (raw.shouldKeepAlive = false));
    raw.once('close', () => {
      if (!raw.writableFinished) running.abort(GONE);
    });
    return running;
  }
}

// The status that nginx gives to it; nobody is there to read it.
const GONE = new ApplianceError('CALLER_GONE', 499, 'the caller went away');

// What a handler throws because it was aborted says less than why it was.
function reasonOf(error: unknown, { aborted, reason }: AbortSignal): unknown {
  return aborted && error instanceof Error && error.name === 'AbortError' ? reason : error;
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

function read<Request extends z.ZodType>(call: Call<Request>, body: unknown): z.output<Request> {
  const { error, data } = call.request.safeParse(body);
  if (error) throw new ApplianceError('BAD_REQUEST', 400, z.prettifyError(error));
  return data;
}
