import { createHash, randomBytes } from 'node:crypto';
import {
  type Answer,
  type AnswerBundle,
  audit,
  type LogEvent,
  type Receipt,
} from '@physiclaw/contracts';
import { ApplianceError, type Peer, retrying } from '@physiclaw/platform';
import { canonicalize, digestOf } from '@physiclaw/proof';
import { z } from 'zod';
import type { Archive } from '../answer/archive.ts';
import type { Desk } from '../gate/act.ts';
import type { Session, Sessions } from '../session/sessions.ts';
import type { Begun } from './event-store.ts';

/** What a planner made of a turn: the answer, and what a check of it needs beside it. */
export type Planned = Omit<AnswerBundle, 'recorded'>;

/** Carries out the task of a turn from wherever its events say that it stands. */
export type Planner = (turn: Turn) => Promise<Planned>;

/** One turn at work. */
export interface Turn {
  readonly begun: Begun;
  readonly session: Session;
  readonly desk: Desk;
  readonly signal: AbortSignal;
}

export interface TurnsOptions {
  readonly desk: Desk;
  readonly sessions: Sessions;
  readonly archive: Archive;
  readonly log: Peer;
  readonly plan: Planner;
}

const LONGEST_MS = 24 * 3_600_000;

/** The turns at work: started, resumed after a crash, ended with an answer or a clear failure. */
export class Turns implements Disposable {
  readonly #options: TurnsOptions;
  readonly #running = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  start(begun: Begun): void {
    this.#options.sessions.get(begun.session);
    this.#options.desk.events.begin(begun);
    this.#run(begun);
  }

  /** Takes up every turn that a crash cut off. */
  resume(): void {
    for (const begun of this.#options.desk.events.unfinished()) this.#run(begun);
  }

  [Symbol.dispose](): void {
    this.#stop.abort(new Error('the agent stops'));
  }

  #run(begun: Begun): void {
    if (this.#running.has(begun.turn)) return;
    const work = this.#work(begun).finally(() => this.#running.delete(begun.turn));
    this.#running.set(begun.turn, work);
  }

  async #work(begun: Begun): Promise<void> {
    const { desk, sessions, plan } = this.#options;
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(LONGEST_MS)]);
    try {
      await this.#hear(begun, signal);
      const planned = await plan({ begun, session: sessions.get(begun.session), desk, signal });
      await this.#answer(begun, planned, signal);
    } catch (error) {
      // Stopped with the service: the turn goes on after the start.
      if (this.#stop.signal.aborted) return;
      await this.#fail(begun, error);
    }
  }

  async #hear(begun: Begun, signal: AbortSignal): Promise<void> {
    const { desk } = this.#options;
    if (desk.events.events(begun.turn).length > 0) return;
    const { session, turn, task } = begun;
    const salt = randomBytes(16).toString('base64');
    const digest = createHash('sha256').update(salt).update(JSON.stringify(task)).digest('hex');
    const planner = task.type === 'call' ? 'call' : 'runbook';
    await this.#record({ kind: 'turn', verb: 'asked', session, turn, planner, digest }, signal);
    desk.events.append(begun, { name: 'user.message', data: { task: z.json().parse(task), salt } });
  }

  async #answer(begun: Begun, planned: Planned, signal: AbortSignal): Promise<void> {
    const { desk, archive } = this.#options;
    const { answer } = planned;
    const { session, turn } = begun;
    const { planner } = answer;
    const digest = digestOf(canonicalize(answer));
    const recorded = await this.#record(
      { kind: 'turn', verb: 'answered', session, turn, planner, digest },
      signal,
    );
    await archive.keep({ ...planned, recorded });
    desk.events.append(begun, { name: 'assistant.message', data: { answer: jsonOf(answer) } });
  }

  async #fail(begun: Begun, error: unknown): Promise<void> {
    const { desk } = this.#options;
    const code = error instanceof ApplianceError ? error.code : 'INTERNAL';
    const message =
      error instanceof ApplianceError ? error.message : 'the turn met what nobody foresaw';
    if (code === 'INTERNAL') desk.log.error({ err: error, turn: begun.turn }, 'turn failed');
    const { session, turn, task } = begun;
    const planner = task.type === 'call' ? 'call' : 'runbook';
    const event = { kind: 'turn', verb: 'failed', session, turn, planner, rule: code } as const;
    await this.#record(event, this.#stop.signal).catch((err: unknown) => {
      // A failed turn has done nothing that is not in the log already.
      desk.log.warn({ err, turn }, 'failure not recorded');
    });
    desk.events.append(begun, { name: 'turn.failed', data: { code, message } });
  }

  /** Waits for a log that is away; a turn goes on only from what is recorded. */
  #record(event: LogEvent, signal: AbortSignal): Promise<Receipt> {
    const { log, desk } = this.#options;
    return retrying('audit', () => log.ask(audit.calls.append, { event }), {
      signal,
      log: desk.log,
    });
  }
}

function jsonOf(answer: Answer): z.infer<ReturnType<typeof z.json>> {
  return z.json().parse(answer);
}
