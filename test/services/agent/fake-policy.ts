import { EventEmitter, on } from 'node:events';
import { type Decision, type Intent, policy, type policy as Policy } from '@physiclaw/contracts';
import { ApplianceError, bootClock, type Server } from '@physiclaw/platform';
import {
  encodeBase64,
  hashIntent,
  mintCapability,
  readIntent,
  type Signer,
  verifyIntent,
} from '@physiclaw/proof';
import type { z } from 'zod';
import type { TestLog } from '#test/services/tools/log.ts';

type Verdict = Decision['verdict'];
type Question = z.output<typeof Policy.calls.decide.request>;
type State = 'pending' | 'approved' | 'denied' | 'expired' | 'used';

export const newName = (letter: string) =>
  `${letter}-${Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex')}`;

/** Decides as a test says, and records and delegates as `policy` does. */
export class FakePolicy {
  readonly authority: Signer;
  readonly decided: Verdict[] = [];
  readonly requests = new Map<string, State>();
  /** The session keys that the log knows. */
  readonly dids = new Map<string, string>();
  /** Thrown by the next calls of `decide`, one each. */
  readonly failures: string[] = [];
  judge: (intent: Intent) => Verdict = () => 'allow';
  /** Whose capabilities are made: the gate's of this moment. */
  epoch: () => string = () => '';
  /** Signs the entries of a decision in another log than the anchored one. */
  foreign: TestLog | undefined;
  readonly #log: TestLog;
  readonly #asked = new Map<string, Decision>();
  readonly #bell = new EventEmitter();

  constructor(log: TestLog, authority: Signer) {
    this.#log = log;
    this.authority = authority;
  }

  serve(server: Server): Server {
    return server
      .answer(policy.calls.decide, (question) => this.#decide(question))
      .answer(policy.calls.explain, () => ({
        verdict: 'allow' as const,
        policy: '0'.repeat(64),
        preset: 'balanced',
        steps: [],
      }))
      .stream(policy.calls.followApproval, ({ request }, { signal }) =>
        this.#follow(request, signal),
      );
  }

  /** A person's answer to the only request that is open. */
  answer(state: State): void {
    const [request] = [...this.requests].find(([, was]) => was === 'pending') ?? [];
    if (request === undefined) throw new Error('nothing waits');
    this.requests.set(request, state);
    this.#bell.emit(request);
  }

  async *#follow(request: string, signal: AbortSignal) {
    const bell = on(this.#bell, request, { signal });
    for (;;) {
      const state = this.requests.get(request);
      if (state === undefined) throw new ApplianceError('POLICY_REQUEST_UNKNOWN', 404, request);
      yield { state };
      if (state !== 'pending') return;
      await bell.next();
    }
  }

  #decide({ intent: text, signature, request }: Question): Decision {
    const failure = this.failures.shift();
    if (failure !== undefined) throw new ApplianceError(failure, 500, failure);
    const intent = readIntent(text);
    const did = this.dids.get(intent.session) ?? '';
    if (!verifyIntent(text, signature, did)) {
      throw new ApplianceError('POLICY_SIGNATURE_INVALID', 403, 'not signed by the session');
    }
    const standing = this.#asked.get(hashIntent(text));
    // As policy does: who asks again in the same turn hears of the request that is open.
    if (request === undefined && standing) return standing;
    const approved = request !== undefined && this.requests.get(request) === 'approved';
    const verdict = approved ? 'allow' : this.judge(intent);
    this.decided.push(verdict);
    return this.#record(verdict, intent, { hash: hashIntent(text), did });
  }

  #record(
    verdict: Verdict,
    intent: Intent,
    { hash, did }: { hash: string; did: string },
  ): Decision {
    const { session, turn, actuator, profile } = intent;
    const event = {
      kind: 'decision' as const,
      session,
      turn,
      intent: hash,
      actuator,
      verdict,
      rules: [`test:${verdict}`],
      policy: '0'.repeat(64),
      statements: [],
      enrolments: [],
      profile: profile.name,
      driver: profile.driver,
      isolation: 'none' as const,
      mode: 'solo' as const,
      selfApproved: false,
    };
    const log = this.foreign ?? this.#log;
    if (verdict === 'deny') {
      return { verdict, receipt: log.append('policy', event), rules: event.rules };
    }
    if (verdict === 'ask') {
      const request = newName('r');
      this.requests.set(request, 'pending');
      const receipt = log.append('policy', { ...event, request });
      this.#asked.set(hash, { verdict, receipt, request });
      return { verdict, receipt, request };
    }
    const epoch = this.epoch();
    const { bytes, cid } = mintCapability({
      authority: this.authority,
      audience: did,
      sessionId: session,
      intent: hash,
      epoch,
      expiresUnix: Math.floor(Date.now() / 1000) + 300,
    });
    const allowed = { ...event, capability: cid, epoch, expires: bootClock() };
    return {
      verdict,
      receipt: log.append('policy', allowed),
      capability: encodeBase64(bytes),
    };
  }
}
