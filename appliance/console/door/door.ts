import {
  type ApprovalRequest,
  type Method,
  type methods,
  socketEvents,
  type TurnEvent,
} from '@physiclaw/contracts';
import type { z } from 'zod';
import { connectParams, readFrame } from './frame.ts';
import { Pending } from './pending.ts';
import { failureOf, isSignedOut, Refusal } from './refusal.ts';

const PATIENCE_MS = 30_000;
const CONNECT_MS = 5000;
const SLOWEST_RETRY_MS = 8000;
const FIRST_RETRY_MS = 400;

/** `ended`: the sign-in is over. `lost`: it will be tried again. */
export type DoorState = 'connecting' | 'open' | 'lost' | 'ended';

interface Followed {
  readonly session: string;
  next: number;
  readonly tell: (event: TurnEvent) => void;
  readonly fail: (why: Refusal) => void;
}

/**
 * The gateway, over one WebSocket (OpenClaw gateway protocol, version 4). A lost connection is
 * taken up again, and each turn that is followed goes on with the event after the last one heard.
 */
export class Door {
  readonly #credential: string;
  readonly #pending = new Pending();
  readonly #followed = new Map<string, Followed>();
  readonly #listeners = new Set<() => void>();
  readonly #askers = new Set<(request: ApprovalRequest) => void>();
  #socket: WebSocket | undefined;
  #opened = Promise.withResolvers<void>();
  #state: DoorState = 'connecting';
  #retryMs = FIRST_RETRY_MS;
  #timer = 0;

  constructor(credential: string) {
    this.#credential = credential;
  }

  get state(): DoorState {
    return this.#state;
  }

  open(): void {
    if (this.#socket !== undefined || this.#state === 'ended') return;
    const url = new URL('/ws', window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.addEventListener('open', () => void this.#greet(socket));
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => this.#hear(data));
    socket.addEventListener('close', () => this.#lose(socket));
  }

  /** Lets go of the connection; `open` takes it up again. */
  close(): void {
    window.clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.#pending.refuseAll(new Refusal('CONSOLE_LOST', 'the connection was let go'));
    if (this.#state === 'open') this.#opened = Promise.withResolvers();
    if (this.#state !== 'ended') this.#become('connecting');
  }

  /** @throws Refusal with the appliance's code, CONSOLE_SILENT or CONSOLE_LOST. */
  async call<Request extends z.ZodType, Reply extends z.ZodType>(
    name: keyof typeof methods,
    method: Method<Request, Reply>,
    request: z.input<Request>,
  ): Promise<z.output<Reply>> {
    await this.#ready();
    return method.reply.parse(await this.#ask(name, request, method.patienceMs ?? PATIENCE_MS));
  }

  /** Tells each event of a turn once, in order, from the first on. Returns how to stop. */
  follow(turn: string, followed: Followed): () => void {
    this.#followed.set(turn, followed);
    if (this.#state === 'open') void this.#resume(turn, followed);
    return () => {
      this.#followed.delete(turn);
    };
  }

  onState(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hears of each request for an approval, when it is made and when it changes. */
  onApproval(listener: (request: ApprovalRequest) => void): () => void {
    this.#askers.add(listener);
    return () => this.#askers.delete(listener);
  }

  async #greet(socket: WebSocket): Promise<void> {
    try {
      await this.#ask('connect', connectParams(this.#credential), PATIENCE_MS);
    } catch (error) {
      if (isSignedOut(failureOf(error))) this.#become('ended');
      socket.close();
      return;
    }
    this.#retryMs = FIRST_RETRY_MS;
    this.#become('open');
    this.#opened.resolve();
    for (const [turn, followed] of this.#followed) void this.#resume(turn, followed);
  }

  /** A short loss is waited out; a person who waits longer is told. */
  #ready(): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    const lost = () => reject(new Refusal('CONSOLE_LOST', 'there is no connection; try again'));
    const timer = setTimeout(lost, CONNECT_MS);
    return Promise.race([this.#opened.promise, promise]).finally(() => clearTimeout(timer));
  }

  #ask(method: string, params: unknown, patienceMs: number): Promise<unknown> {
    const { id, answered } = this.#pending.add(patienceMs);
    this.#socket?.send(JSON.stringify({ type: 'req', id, method, params }));
    return answered;
  }

  async #resume(turn: string, followed: Followed): Promise<void> {
    const { session, next: from } = followed;
    try {
      await this.#ask('follow', { session, turn, from }, PATIENCE_MS);
    } catch (error) {
      const why = failureOf(error);
      // A lost connection is taken up again, and a stream may answer only when it ends.
      if (why.code !== 'CONSOLE_LOST' && why.code !== 'CONSOLE_SILENT') followed.fail(why);
    }
  }

  #hear(data: unknown): void {
    const frame = readFrame(data);
    if (frame?.type === 'res') {
      this.#pending.answer(frame.id, frame.ok, frame.ok ? frame.payload : frame.error);
    } else if (frame?.event === 'physiclaw.turn') {
      const { turn, event } = socketEvents['physiclaw.turn'].parse(frame.payload);
      this.#tellTurn(turn, event);
    } else if (frame?.event === 'physiclaw.approval') {
      const { request } = socketEvents['physiclaw.approval'].parse(frame.payload);
      for (const listener of this.#askers) listener(request);
    }
  }

  #tellTurn(turn: string, event: TurnEvent): void {
    const followed = this.#followed.get(turn);
    // Two streams of one turn, as after a reconnection, may tell the same event.
    if (followed === undefined || event.sequence !== followed.next) return;
    followed.next += 1;
    followed.tell(event);
  }

  #lose(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#pending.refuseAll(new Refusal('CONSOLE_LOST', 'the connection was lost; try again'));
    if (this.#state === 'ended') return;
    if (this.#state === 'open') this.#opened = Promise.withResolvers();
    this.#become('lost');
    this.#timer = window.setTimeout(() => this.open(), this.#retryMs);
    this.#retryMs = Math.min(SLOWEST_RETRY_MS, this.#retryMs * 2);
  }

  #become(state: DoorState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
