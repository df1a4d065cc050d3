import { createHash, randomBytes } from 'node:crypto';
import { verifyDraft } from '@physiclaw/answer';
import type { Task } from '@physiclaw/contracts';
import { ApplianceError, retrying } from '@physiclaw/platform';
import { canonicalize, digestOf } from '@physiclaw/proof';
import { z } from 'zod';
import type { Archive } from '../answer/archive.ts';
import { AgentError, isStorage } from '../errors.ts';
import type { Desk } from '../gate/actor.ts';
import type { Sessions } from '../session/sessions.ts';
import type { Begun } from './event-store.ts';
import type { Recorder } from './recorder.ts';
import type { Planned, Planner } from './turn.ts';

export interface TurnsOptions {
  readonly desk: Desk;
  readonly sessions: Sessions;
  readonly archive: Archive;
  readonly recorder: Recorder;
  readonly plan: Planner;
  /** By what a task that comes now is answered. */
  readonly plannerFor: (task: Task) => Promise<Heard['planner']>;
}

const UNFORESEEN = 'the turn met what nobody foresaw';
const LONGEST_MS = 24 * 3_600_000;

const Heard = z.looseObject({ asked: z.int(), planner: z.enum(['runbook', 'free', 'call']) });
type Heard = Pick<z.infer<typeof Heard>, 'asked' | 'planner'>;

/** The turns at work: started, resumed after a crash, ended with an answer or a clear failure. */
export class Turns implements AsyncDisposable {
  readonly #options: TurnsOptions;
  readonly #running = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  readonly #aborts = new Map<string, AbortController>();

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  start(begun: Begun): void {
    const { desk, sessions } = this.#options;
    sessions.get(begun.session);
    const unfinished = desk.events.begin(begun);
    if (unfinished) this.#run(unfinished);
  }

  /** Ends a turn where it stands. @returns whether it had not ended yet. */
  abort(turn: string): boolean {
    const abort = this.#aborts.get(turn);
    abort?.abort(new AgentError('AGENT_TURN_ABORTED', 'whoever asked has ended the turn'));
    return abort !== undefined;
  }

  /** Takes up every turn that a crash cut off. */
  resume(): void {
    for (const begun of this.#options.desk.events.unfinished()) this.#run(begun);
  }

  /** Stops work where it stands; it goes on after the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the agent stops'));
    await Promise.all(this.#running.values());
  }

  #run(begun: Begun): void {
    if (this.#running.has(begun.turn)) return;
    const work = this.#work(begun).finally(() => this.#running.delete(begun.turn));
    this.#running.set(begun.turn, work);
  }

  /** A turn that cannot be kept waits for room, and goes on from its last event. */
  async #work(begun: Begun): Promise<void> {
    const { signal } = this.#stop;
    try {
      await retrying('disk', () => this.#whole(begun), { signal, log: this.#options.desk.log });
    } catch (error) {
      // Stopped with the service: the turn goes on after the start.
      if (!signal.aborted) throw error;
    }
  }

  /** @throws what the disk said; any other error is the end of the turn. */
  async #whole(begun: Begun): Promise<void> {
    const { desk, sessions, plan } = this.#options;
    const patience = AbortSignal.timeout(this.#timeLeft(begun));
    const abort = new AbortController();
    this.#aborts.set(begun.turn, abort);
    const signal = AbortSignal.any([this.#stop.signal, patience, abort.signal]);
    try {
      const heard = await this.#hear(begun, signal);
      const session = sessions.get(begun.session);
      const planned = await plan({ begun, session, desk, signal, ...heard });
      await this.#answer(begun, planned, signal);
    } catch (error) {
      if (this.#stop.signal.aborted || isStorage(error)) throw error;
      const ended: unknown = patience.aborted ? expired(error) : error;
      await this.#fail(begun, abort.signal.aborted ? abort.signal.reason : ended);
    } finally {
      this.#aborts.delete(begun.turn);
    }
  }

  /** A turn has its time once, however often it is taken up again. */
  #timeLeft({ turn }: Begun): number {
    const [first] = this.#options.desk.events.events(turn);
    const began = first === undefined ? Date.now() : Date.parse(first.at);
    return Math.max(0, Math.min(LONGEST_MS, began + LONGEST_MS - Date.now()));
  }

  /** Records the question, and by what it will be answered, before anything is done about it. */
  async #hear(begun: Begun, signal: AbortSignal): Promise<Heard> {
    const { desk, plannerFor } = this.#options;
    const [first] = desk.events.events(begun.turn);
    if (first) return Heard.parse(first.data);
    const { session, turn, task } = begun;
    const salt = randomBytes(16).toString('base64');
    const digest = createHash('sha256').update(salt).update(JSON.stringify(task)).digest('hex');
    const planner = await plannerFor(task);
    const event = { kind: 'turn', verb: 'asked', session, turn, planner, digest } as const;
    const { index: asked } = await this.#options.recorder.record(event, signal);
    const data = { task: z.json().parse(task), salt, asked, planner };
    desk.events.append(begun, { name: 'user.message', data });
    return { asked, planner };
  }

  async #answer(begun: Begun, planned: Planned, signal: AbortSignal): Promise<void> {
    const { desk, archive } = this.#options;
    const { answer } = planned;
    const { session, turn } = begun;
    const { planner } = answer;
    this.#verify(begun, planned);
    const digest = digestOf(canonicalize(answer));
    const recorded = await this.#options.recorder.recordEnd(
      { kind: 'turn', verb: 'answered', session, turn, planner, digest },
      signal,
    );
    await archive.keep({ ...planned, recorded });
    desk.events.append(begun, {
      name: 'assistant.message',
      data: { answer: z.json().parse(answer) },
    });
  }

  /** An answer that does not hold is not given, whoever made it. */
  #verify(begun: Begun, planned: Planned): void {
    const { desk } = this.#options;
    const faults = verifyDraft(planned, desk);
    const { length } = planned.answer.facts;
    const name = faults.length === 0 ? 'verification.passed' : 'verification.failed';
    desk.events.append(begun, { name, data: { facts: length, faults } });
    if (faults[0] === undefined) return;
    throw new AgentError('AGENT_ANSWER_UNSOUND', `an answer that does not hold: ${faults[0]}`);
  }

  async #fail(begun: Begun, error: unknown): Promise<void> {
    const { desk, recorder } = this.#options;
    const known = error instanceof ApplianceError;
    const [code, message] = known ? [error.code, error.message] : ['INTERNAL', UNFORESEEN];
    if (!known) desk.log.error({ err: error, turn: begun.turn }, 'turn failed');
    const { session, turn, task } = begun;
    const [first] = desk.events.events(turn);
    const { data } = Heard.safeParse(first?.data);
    const planner = data?.planner ?? (task.type === 'call' ? 'call' : 'runbook');
    const event = { kind: 'turn', verb: 'failed', session, turn, planner, rule: code } as const;
    await recorder.record(event, this.#stop.signal).catch((err: unknown) => {
      // A failed turn has done nothing that is not in the log already.
      desk.log.warn({ err, turn }, 'failure not recorded');
    });
    this.#stop.signal.throwIfAborted();
    desk.events.append(begun, { name: 'turn.failed', data: { code, message } });
  }
}

function expired(cause: unknown): AgentError {
  const hours = LONGEST_MS / 3_600_000;
  return new AgentError('AGENT_TURN_EXPIRED', `no end after ${hours} hours`, { cause });
}
