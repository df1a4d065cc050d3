import { setTimeout as sleep } from 'node:timers/promises';
import { type Method, methods, type TurnEvent } from '@physiclaw/contracts';
import { Metrics, type Peer } from '@physiclaw/platform';
import { Desk } from '#services/gateway/desk/desk.ts';
import { Rate } from '#services/gateway/door/rate.ts';
import { SignIns } from '#services/gateway/people/sign-in.ts';
import { Conversation, LIMITS, type Limits } from '#services/gateway/socket/conversation.ts';
import { Feeds } from '#services/gateway/socket/feeds.ts';
import { checkToken, tokenOf } from '../house.ts';
import { faultsOf } from './oracle.ts';

const open: Conversation[] = [];
const faults: string[] = [];

/** Ends what was opened. @returns what the published schemas have against what went over it. */
export function hangUp(): string[] {
  for (const one of open.splice(0)) one[Symbol.dispose]();
  return faults.splice(0);
}

export const session = `s-${'1'.repeat(32)}`;
export const turn = `t-${'1'.repeat(32)}`;
const at = '2026-11-21T00:00:00Z';
export const event: TurnEvent = { session, turn, sequence: 0, at, name: 'turn.planned', data: {} };
const ada = tokenOf('ada', 'read', 'ask');

interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly ok?: boolean;
  readonly event?: string;
  readonly payload?: Record<string, unknown>;
  readonly error?: { code: string; details?: { code: string }; retryable?: boolean };
}

interface Options {
  readonly limits?: Partial<Limits>;
  readonly lifetimeMs?: number;
  readonly check?: (question: unknown) => unknown;
  readonly feeds?: Feeds;
}

/** One end of a connection, and all that came and went over it. */
export class Line {
  readonly frames: Frame[] = [];
  readonly closed: string[] = [];
  bufferedAmount = 0;
  isCut = false;
  readonly feeds: Feeds;
  readonly signIns: SignIns;
  readonly metrics = new Metrics('gateway');
  readonly #conversation: Conversation;

  constructor({ limits = {}, lifetimeMs, check = checkToken, feeds = new Feeds() }: Options = {}) {
    this.feeds = feeds;
    this.signIns = new SignIns(peerOf(check), lifetimeMs);
    this.#conversation = new Conversation(this, 'visitor', {
      desk: deskOf(),
      signIns: this.signIns,
      feeds,
      rate: new Rate(),
      metrics: this.metrics,
      limits: { ...LIMITS, ...limits },
    });
    open.push(this.#conversation);
  }

  send(text: string, taken?: () => void): void {
    taken?.();
    const frame = JSON.parse(text);
    faults.push(...faultsOf('GatewayFrame', frame));
    this.frames.push(frame);
  }

  close(code: number, reason: string): void {
    this.closed.push(`${code} ${reason}`);
  }

  terminate(): void {
    this.isCut = true;
  }

  async say(frame: unknown): Promise<Frame | undefined> {
    const text = typeof frame === 'string' ? frame : JSON.stringify(frame);
    await this.#conversation.take(Buffer.from(text));
    return this.frames.findLast(({ type }) => type === 'res');
  }

  ask(method: string, params?: unknown): Promise<Frame | undefined> {
    return this.say({ type: 'req', id: 'q', method, params });
  }

  connect(more: object = {}): Promise<Frame | undefined> {
    const client = { id: 'cli', version: '1', platform: 'linux', mode: 'cli' };
    const params = { minProtocol: 4, maxProtocol: 4, client, auth: { token: ada }, ...more };
    faults.push(...faultsOf('ConnectParams', params));
    return this.ask('connect', params);
  }

  events(): (string | undefined)[] {
    return this.frames.filter(({ type }) => type === 'event').map((frame) => frame.event);
  }
}

function deskOf(): Desk {
  const slow: Method = methods.abilities;
  return new Desk()
    .answer('health', methods.health, () => ({ ok: true, ts: 1, durationMs: 0 }))
    .answer('abilities', slow, () => sleep(50, { planner: 'runbook', runbooks: [] }))
    .answer('readBlob', methods.readBlob, () => ({ bytes: 'A'.repeat(8192), size: 6144 }))
    .answer('kill', methods.kill, () => ({ kill: 'k' }))
    .stream('follow', methods.follow, async function* told() {
      yield event;
      await sleep(0);
    });
}

/** Policy, as far as a connection asks it. */
function peerOf(check: (question: unknown) => unknown): Pick<Peer, 'ask'> {
  return {
    ask: async (call, question) => {
      await Promise.resolve();
      return call.reply.parse(check(question));
    },
  };
}
