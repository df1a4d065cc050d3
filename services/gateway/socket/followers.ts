import { agent, type ApprovalRequest, policy, type TurnEvent } from '@physiclaw/contracts';
import { codeOf, type Logger, type Peer, retrying } from '@physiclaw/platform';
import { approvalEvent } from '../method/approval-snapshot.ts';
import { messageOf } from '../method/chat.ts';
import type { Begun, Sessions } from '../session/session.ts';
import type { Feeds } from './feeds.ts';

export interface FollowersOptions {
  readonly agent: Pick<Peer, 'follow'>;
  readonly policy: Pick<Peer, 'ask'>;
  readonly sessions: Sessions;
  readonly feeds: Feeds;
  readonly log: Logger;
}

const ASKED = /^approval\./;

/**
 * Follows every turn to its end, whoever is connected, and tells it to whom it concerns: the turn to
 * the person who asked, its requests for approval to all who may approve.
 */
export class Followers implements AsyncDisposable {
  readonly #options: FollowersOptions;
  readonly #stop = new AbortController();
  readonly #following = new Set<Promise<void>>();

  constructor(options: FollowersOptions) {
    this.#options = options;
  }

  /** Takes up the turns that an earlier run of this service did not see end. */
  resume(): void {
    for (const begun of this.#options.sessions.unfinished()) this.follow(begun);
  }

  follow(begun: Begun): void {
    const { log } = this.#options;
    const { signal } = this.#stop;
    let from = 0;
    const work = retrying(
      'agent',
      async () => {
        for await (const event of this.#eventsOf(begun, from)) {
          await this.#tell(begun, event);
          from = event.sequence + 1;
        }
        this.#options.sessions.end(begun.turn);
      },
      { signal, log },
    ).catch(() => {
      // Stopped: the turn goes on without us, and the next start follows it again.
    });
    const following = work.finally(() => this.#following.delete(following));
    this.#following.add(following);
  }

  /** A request as it stands now, to all who may approve. */
  async tellRequest(id: string): Promise<void> {
    const { policy: peer, feeds } = this.#options;
    const { requests } = await peer.ask(policy.calls.requests, { request: id });
    const request = requests.find((one) => one.request === id);
    if (request) tell(feeds, request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the gateway stops'));
    await Promise.all(this.#following);
  }

  async *#eventsOf({ session, turn }: Begun, from: number): AsyncGenerator<TurnEvent> {
    const { agent: peer } = this.#options;
    const { signal } = this.#stop;
    try {
      yield* peer.follow(agent.calls.follow, { session, turn, from }, { signal });
    } catch (error) {
      // A turn that its agent does not know has ended, and nobody can say how.
      if (codeOf(error) !== 'AGENT_TURN_UNKNOWN') throw error;
    }
  }

  async #tell({ session, turn, person, run, key }: Begun, event: TurnEvent): Promise<void> {
    const { feeds } = this.#options;
    const { sequence: seq, name, data } = event;
    const to = { scope: 'ask', person } as const;
    // First what may fail, and is then tried again: nothing is told twice.
    if (ASKED.test(name)) await this.tellRequest(wordOf(data['request']));
    feeds.publish('physiclaw.turn', { session, turn, seq, event }, to);
    const chat = { runId: run, sessionKey: key, seq };
    const message = messageOf(event);
    if (name === 'assistant.message' && message) {
      feeds.publish('chat', { ...chat, state: 'final', message }, to);
    }
    if (name !== 'turn.failed') return;
    const [code, why] = [wordOf(data['code']), wordOf(data['message'])];
    if (code === 'AGENT_TURN_ABORTED') {
      feeds.publish('chat', { ...chat, state: 'aborted', stopReason: code }, to);
    } else {
      feeds.publish('chat', { ...chat, state: 'error', errorMessage: `${code}: ${why}` }, to);
    }
  }
}

function tell(feeds: Feeds, request: ApprovalRequest): void {
  feeds.publish('physiclaw.approval', { request }, { scope: 'approve' });
  feeds.publish('session.approval', approvalEvent(request), { scope: 'approve' });
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
