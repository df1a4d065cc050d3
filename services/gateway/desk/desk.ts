import { type Method, methods, type SpiffeId, type Scope } from '@physiclaw/contracts';
import { ApplianceError } from '@physiclaw/platform';
import { z } from 'zod';
import { GatewayError } from '../errors.ts';

/** Who asks: a person or a token of his, and what it may do. */
export interface Caller {
  readonly person: SpiffeId;
  readonly scopes: ReadonlySet<Scope>;
  /** When the sign-in ends, by the monotonic clock; a token has no end but its revocation. */
  readonly until?: number;
}

type Clerk = (body: unknown, caller: Caller | undefined, signal: AbortSignal) => unknown;

type Answerer<Request extends z.ZodType, Reply extends z.ZodType> = (
  request: z.output<Request>,
  caller: Caller,
  signal: AbortSignal,
) => z.input<Reply> | Promise<z.input<Reply>>;

type Teller<Request extends z.ZodType, Reply extends z.ZodType> = (
  request: z.output<Request>,
  caller: Caller,
  signal: AbortSignal,
) => AsyncIterable<z.input<Reply>>;

type PublicAnswerer<Request extends z.ZodType, Reply extends z.ZodType> = (
  request: z.output<Request>,
) => z.input<Reply> | Promise<z.input<Reply>>;

/**
 * The one registry of methods: every transport hands its requests to it. A method runs only for a
 * caller who holds its scope, and only on a request that keeps its contract.
 */
export class Desk {
  readonly #clerks = new Map<string, Clerk>();

  answer<Request extends z.ZodType, Reply extends z.ZodType>(
    name: string,
    method: Method<Request, Reply>,
    handle: Answerer<Request, Reply>,
  ): this {
    return this.#seat(name, method, async (request, caller, signal) =>
      method.reply.parse(await handle(request, admit(name, method, caller), signal)),
    );
  }

  /** A method that needs no sign-in. */
  open<Request extends z.ZodType, Reply extends z.ZodType>(
    name: string,
    method: Method<Request, Reply>,
    handle: PublicAnswerer<Request, Reply>,
  ): this {
    return this.#seat(name, method, async (request) => method.reply.parse(await handle(request)));
  }

  stream<Request extends z.ZodType, Reply extends z.ZodType>(
    name: string,
    method: Method<Request, Reply> & { stream: true },
    handle: Teller<Request, Reply>,
  ): this {
    return this.#seat(name, method, (request, caller, signal) =>
      checked(method, handle(request, admit(name, method, caller), signal)),
    );
  }

  has(name: string): boolean {
    return this.#clerks.has(name);
  }

  /**
   * Runs a method. The scope is looked at before the body is.
   *
   * @throws GatewayError GATEWAY_SIGN_IN_REQUIRED, GATEWAY_SCOPE_MISSING; ApplianceError
   * BAD_REQUEST and what the service behind it says.
   */
  run(name: string, body: unknown, caller: Caller | undefined, signal: AbortSignal): unknown {
    return this.#clerk(name)(body, caller, signal);
  }

  /** The same for a stream. @throws Error when the method is none. */
  follow(name: string, body: unknown, caller: Caller, signal: AbortSignal): AsyncIterable<unknown> {
    const replies = this.run(name, body, caller, signal);
    if (isStream(replies)) return replies;
    throw new Error(`${name} is no stream`);
  }

  /** @throws Error that names a method of the contract that nobody answers. */
  complete(): void {
    const missing = Object.keys(methods).filter((name) => !this.#clerks.has(name));
    if (missing.length > 0) throw new Error(`nobody answers ${missing.join(', ')}`);
  }

  #clerk(name: string): Clerk {
    const clerk = this.#clerks.get(name);
    if (clerk) return clerk;
    throw new GatewayError('GATEWAY_METHOD_UNKNOWN', `there is no method ${name}`);
  }

  #seat<Request extends z.ZodType, Reply extends z.ZodType>(
    name: string,
    method: Method<Request, Reply>,
    run: (request: z.output<Request>, caller: Caller | undefined, signal: AbortSignal) => unknown,
  ): this {
    this.#clerks.set(name, (body, caller, signal) => {
      if (method.scope !== 'public') admit(name, method, caller);
      const { error, data } = method.request.safeParse(body ?? {});
      if (error) throw new ApplianceError('BAD_REQUEST', 400, z.prettifyError(error));
      return run(data, caller, signal);
    });
    return this;
  }
}

/** Whether a method's result is a stream of replies. */
export function isStream(result: unknown): result is AsyncIterable<unknown> {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
}

function admit(name: string, { scope }: Method, caller: Caller | undefined): Caller {
  if (caller === undefined) {
    throw new GatewayError(
      'GATEWAY_SIGN_IN_REQUIRED',
      `${name} needs a sign-in with scope ${scope}`,
    );
  }
  if (scope === 'public' || caller.scopes.has(scope)) return caller;
  throw new GatewayError(
    'GATEWAY_SCOPE_MISSING',
    `${name} needs scope ${scope}, found ${[...caller.scopes].join(' ') || 'none'}`,
  );
}

async function* checked(method: Method, replies: AsyncIterable<unknown>): AsyncGenerator {
  for await (const reply of replies) yield method.reply.parse(reply);
}

/** @throws GatewayError GATEWAY_SCOPE_MISSING unless the caller holds the scope. */
export function admitScope({ scopes }: Caller, scope: Scope): void {
  if (scopes.has(scope)) return;
  const found = [...scopes].join(' ') || 'none';
  throw new GatewayError('GATEWAY_SCOPE_MISSING', `expected scope ${scope}, found ${found}`);
}
