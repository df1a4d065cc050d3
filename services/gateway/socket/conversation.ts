import { randomBytes } from 'node:crypto';
import {
  ConnectParams,
  type ErrorShape,
  type HelloOk,
  methods,
  PROTOCOL_VERSION,
  RequestFrame,
  resumeEvents,
  socketEvents,
} from '@physiclaw/contracts';
import { version } from '@physiclaw/machine';
import { ApplianceError, type Metrics } from '@physiclaw/platform';
import { z } from 'zod';
import { type Caller, type Desk, isStream } from '../desk/desk.ts';
import type { Rate } from '../door/rate.ts';
import { refusalOf } from '../door/refusal.ts';
import { GatewayError } from '../errors.ts';
import type { SignIns } from '../people/sign-in.ts';
import { type Feed, type Feeds, frameOf } from './feeds.ts';
import { Outlet, type Wire } from './outlet.ts';

export interface ConversationOptions {
  readonly desk: Desk;
  readonly signIns: SignIns;
  readonly feeds: Feeds;
  readonly rate: Rate;
  readonly metrics: Metrics;
  readonly limits: Limits;
}

export interface Limits {
  readonly maxPayload: number;
  /** Of a frame before anybody signed in. */
  readonly firstPayload: number;
  /** Of events that a reader has not read. */
  readonly maxBufferedBytes: number;
  readonly maxReplyBytes: number;
  /** How long a reader may take for one reply. */
  readonly replyMs: number;
  readonly tickIntervalMs: number;
  readonly connectMs: number;
  /** Requests of one connection that wait for their answer. */
  readonly atOnce: number;
}

export const LIMITS: Limits = {
  maxPayload: 1024 * 1024,
  firstPayload: 16 * 1024,
  maxBufferedBytes: 4 * 1024 * 1024,
  maxReplyBytes: 16 * 1024 * 1024,
  replyMs: 60_000,
  tickIntervalMs: 15_000,
  connectMs: 10_000,
  atOnce: 32,
};

/** RFC 6455, section 7.4.1: what a close says. */
const POLICY_VIOLATED = 1008;
const TOO_LARGE = 1009;

interface SignedIn {
  readonly token: string;
  readonly caller: Caller;
  readonly feed: Feed;
}

/** One connection: its handshake, its requests, and the events that it is told. */
export class Conversation implements Disposable {
  readonly #wire: Wire;
  readonly #outlet: Outlet;
  readonly #visitor: string;
  readonly #options: ConversationOptions;
  readonly #gone = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  #signedIn: SignedIn | undefined;
  #leave: () => void = () => undefined;
  #waiting = 0;

  constructor(wire: Wire, visitor: string, options: ConversationOptions) {
    this.#wire = wire;
    this.#visitor = visitor;
    this.#options = options;
    this.#outlet = new Outlet(wire, {
      ...options.limits,
      signal: this.#gone.signal,
      onSlow: () => {
        options.metrics.count('ws', performance.now(), 'GATEWAY_CONSUMER_SLOW');
        this[Symbol.dispose]();
      },
    });
    const nonce = randomBytes(16).toString('hex');
    this.#outlet.tell(frameOf('connect.challenge', { nonce, ts: Date.now() }));
    this.#after(options.limits.connectMs, () => {
      if (!this.#signedIn) this.#close('expected connect');
    });
  }

  /** Takes one message; nothing of it is read before it is known to be small and in time. */
  async take(bytes: Buffer): Promise<void> {
    const { limits, rate } = this.#options;
    const { maxPayload, firstPayload } = limits;
    if (bytes.byteLength > (this.#signedIn ? maxPayload : firstPayload)) {
      this.#wire.close(TOO_LARGE, 'frame too large');
      return;
    }
    try {
      rate.take(this.#signedIn?.caller.person ?? this.#visitor);
    } catch (error) {
      this.#close(refusalOf(error).code);
      return;
    }
    const frame = frameIn(bytes);
    if (frame) await this.#answer(frame);
    else this.#close('expected a request frame');
  }

  [Symbol.dispose](): void {
    this.#gone.abort();
    this.#leave();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #answer({ id, method, params }: RequestFrame): Promise<void> {
    const began = performance.now();
    const { metrics, desk } = this.#options;
    const name = method === 'connect' || desk.has(method) ? method : 'unknown';
    const refuse = (error: ErrorShape) => {
      metrics.count(`ws ${name}`, began, error.code);
      this.#outlet.tell(JSON.stringify({ type: 'res', id, ok: false, error }));
    };
    this.#waiting += 1;
    try {
      const payload = await this.#run(method, params);
      await this.#outlet.reply(JSON.stringify({ type: 'res', id, ok: true, payload }));
      metrics.count(`ws ${name}`, began, 'ok');
    } catch (error) {
      const { code, message, status } = refusalOf(error);
      const details = method === 'connect' ? { details: { code: connectCode(code) } } : {};
      refuse({ code, message, ...details, retryable: status >= 500 || status === 429 });
      // Who cannot be let in is not kept waiting, and whose sign-in has ended is somebody else.
      if (!this.#signedIn || code === 'GATEWAY_SIGN_IN_REFUSED') this.#close(code);
    } finally {
      this.#waiting -= 1;
    }
  }

  async #run(method: string, params: unknown): Promise<unknown> {
    const signedIn = this.#signedIn;
    if (method === 'connect') return this.#connect(parse(ConnectParams, params));
    if (!signedIn) {
      throw new GatewayError('GATEWAY_PROTOCOL_REFUSED', `expected connect first, found ${method}`);
    }
    if (this.#waiting > this.#options.limits.atOnce) {
      const message = `expected at most ${this.#options.limits.atOnce} requests at once`;
      throw new GatewayError('GATEWAY_TOO_MANY_REQUESTS', message);
    }
    if (method === resumeEvents.name) {
      return this.#resume(signedIn.feed, parse(resumeEvents.request, params));
    }
    // Asked anew each time: a token may have been revoked.
    const caller = await this.#options.signIns.callerOf(`Bearer ${signedIn.token}`);
    const result = this.#options.desk.run(method, params, caller, this.#gone.signal);
    if (!isStream(result)) return result;
    this.#tell(result);
    return {};
  }

  async #connect({ minProtocol, maxProtocol, auth, role }: ConnectParams): Promise<HelloOk> {
    const { signIns, feeds, limits, desk } = this.#options;
    this.#demandNew();
    if (minProtocol > PROTOCOL_VERSION || maxProtocol < PROTOCOL_VERSION) {
      const found = `${minProtocol} to ${maxProtocol}`;
      const message = `expected protocol ${PROTOCOL_VERSION}, found ${found}`;
      throw new GatewayError('GATEWAY_PROTOCOL_REFUSED', message);
    }
    if (role !== undefined && role !== 'operator') {
      throw new GatewayError('GATEWAY_PROTOCOL_REFUSED', `expected role operator, found ${role}`);
    }
    const token = auth?.token ?? '';
    const caller = await signIns.callerOf(token === '' ? undefined : `Bearer ${token}`);
    if (!caller) {
      const message = 'expected auth.token: the credential of signIn, or an API token';
      throw new GatewayError('GATEWAY_SIGN_IN_REQUIRED', message);
    }
    // Meanwhile another frame may have signed in here, or he may have gone.
    this.#demandNew();
    const feed = feeds.of(caller);
    this.#admit({ token, caller, feed });
    return {
      type: 'hello-ok',
      protocol: PROTOCOL_VERSION,
      server: { version, bootId: feed.id, connId: randomBytes(8).toString('hex') },
      features: {
        methods: [...Object.keys(methods).filter((name) => desk.has(name)), resumeEvents.name],
        events: Object.keys(socketEvents),
      },
      snapshot: {
        presence: [],
        health: { ts: Date.now() },
        stateVersion: { presence: 0, health: 0 },
        uptimeMs: Math.floor(process.uptime() * 1000),
      },
      auth: { role: 'operator', scopes: [...caller.scopes] },
      policy: {
        maxPayload: limits.maxPayload,
        maxBufferedBytes: limits.maxBufferedBytes,
        tickIntervalMs: limits.tickIntervalMs,
      },
    };
  }

  #demandNew(): void {
    if (!this.#signedIn && !this.#gone.signal.aborted) return;
    throw new GatewayError('GATEWAY_PROTOCOL_REFUSED', 'connected already, or gone');
  }

  #admit(signedIn: SignedIn): void {
    const { signIns, limits } = this.#options;
    this.#signedIn = signedIn;
    this.#leave = signedIn.feed.listen((text) => this.#outlet.tell(text));
    const { until } = signedIn.caller;
    if (until !== undefined) {
      this.#after(until - performance.now(), () => this.#close('GATEWAY_SIGN_IN_REFUSED'));
    }
    const tick = async () => {
      try {
        await signIns.callerOf(`Bearer ${signedIn.token}`);
      } catch (error) {
        // Policy may be away for a moment; a sign-in that is no longer good ends the connection.
        const { code } = refusalOf(error);
        if (code === 'GATEWAY_SIGN_IN_REFUSED') this.#close(code);
      }
      this.#outlet.tell(frameOf('tick', { ts: Date.now() }));
    };
    this.#timers.push(setInterval(() => void tick(), limits.tickIntervalMs));
  }

  #resume(
    feed: Feed,
    { bootId, seq }: z.output<(typeof resumeEvents)['request']>,
  ): z.input<(typeof resumeEvents)['reply']> {
    const missed = feed.after(bootId, seq);
    if (!missed) return { kind: 'reset' };
    for (const text of missed) this.#outlet.tell(text);
    return { kind: 'delta', events: missed.length };
  }

  /** The events of a turn that was asked for: they have their own numbers, and none of the feed. */
  #tell(events: AsyncIterable<unknown>): void {
    const tell = async () => {
      for await (const value of events) {
        const event = methods.follow.reply.parse(value);
        const { session, turn, sequence: seq } = event;
        this.#outlet.tell(frameOf('physiclaw.turn', { session, turn, seq, event }));
      }
    };
    tell().catch(() => {
      // Cut off, by whoever followed or by the agent: he follows again from where he is.
    });
  }

  #close(reason: string): void {
    this.#wire.close(POLICY_VIOLATED, reason);
    this[Symbol.dispose]();
  }

  #after(ms: number, act: () => void): void {
    this.#timers.push(setTimeout(act, ms));
  }
}

function frameIn(bytes: Buffer): RequestFrame | undefined {
  try {
    return RequestFrame.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    // What is no frame has no id to answer to.
    return undefined;
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, params: unknown): z.output<Schema> {
  const { error, data } = schema.safeParse(params ?? {});
  if (error) throw new ApplianceError('BAD_REQUEST', 400, z.prettifyError(error));
  return data;
}

/** What a client of the protocol goes by when it is not let in. */
function connectCode(code: string): string {
  if (code === 'GATEWAY_SIGN_IN_REQUIRED') return 'AUTH_TOKEN_MISSING';
  if (code === 'GATEWAY_SIGN_IN_REFUSED') return 'AUTH_TOKEN_MISMATCH';
  return code === 'GATEWAY_PROTOCOL_REFUSED' ? 'PROTOCOL_MISMATCH' : 'AUTH_UNAUTHORIZED';
}
