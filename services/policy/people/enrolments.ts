import { randomBytes } from 'node:crypto';
import type {
  PendingEnrolment,
  policy,
  SignedEndorsement,
  SignedEnrolment,
  SpiffeId,
} from '@physiclaw/contracts';
import { Turnstile } from '@physiclaw/platform';
import type { z } from 'zod';
import { PolicyError } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { holderOf, newcomerOf, peopleIn, signerOf } from './directory.ts';

type Calls = (typeof policy)['calls'];

const MOST = 16;
const LIFETIME_MS = 600_000;

interface Asking {
  readonly name: string;
  readonly signed: SignedEnrolment;
  readonly newcomer: SpiffeId;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  /** By who endorsed: one word of each person counts. */
  readonly endorsements: Map<SpiffeId, SignedEndorsement>;
}

/**
 * Keys that ask to be enrolled beside the first. One person alone lets in the next key; where two or
 * more are enrolled it takes two of them, for a further key as for a further person. What asks lives
 * in memory: after a restart it asks again.
 */
export class Enrolments {
  readonly #parts: Pick<Parts, 'config' | 'events' | 'log'>;
  readonly #asking = new Map<string, Asking>();
  // One at a time: between counting who is enrolled and the entry nobody else is.
  readonly #turnstile = new Turnstile();

  constructor(parts: Pick<Parts, 'config' | 'events' | 'log'>) {
    this.#parts = parts;
  }

  /** @throws PolicyError POLICY_STATEMENT_MISMATCH, POLICY_SIGNATURE_INVALID, POLICY_ENROLMENTS_FULL */
  enrol({ name, signed }: z.output<Calls['enrol']['request']>): z.input<Calls['enrol']['reply']> {
    const { config, events } = this.#parts;
    const newcomer = newcomerOf(signed, config.trustDomain);
    const { key } = signed.statement;
    const holder = holderOf(key, events);
    if (holder) return { state: 'enrolled', person: holder.person };
    this.#forget();
    const known = [...this.#asking].find(([, asking]) => asking.signed.statement.key === key);
    if (known) return pendingOf(...known);
    const room = this.#asking.size < MOST;
    PolicyError.demand(room, 'POLICY_ENROLMENTS_FULL', `expected at most ${MOST} that wait`);
    const enrolment = `n-${randomBytes(16).toString('hex')}`;
    const notAfter = Date.now() + LIFETIME_MS;
    const asking = { name, signed, newcomer, notAfter, endorsements: new Map() };
    this.#asking.set(enrolment, asking);
    return pendingOf(enrolment, asking);
  }

  list(): z.input<Calls['enrolments']['reply']> {
    this.#forget();
    const pending = [...this.#asking].map(([enrolment, asking]) => this.#show(enrolment, asking));
    return { pending, people: peopleIn(this.#parts.events) };
  }

  /**
   * @throws PolicyError POLICY_ENROLMENT_UNKNOWN, POLICY_SIGNATURE_INVALID, POLICY_KEY_UNKNOWN,
   * POLICY_STATEMENT_MISMATCH
   */
  endorse(signed: SignedEndorsement): Promise<z.input<Calls['endorse']['reply']>> {
    return this.#turnstile.pass('people', async () => {
      const { events, log } = this.#parts;
      await log.settle();
      this.#forget();
      const { enrolment, newKey, person } = signed.statement;
      const asking = this.#asking.get(enrolment);
      const message = `${enrolment} does not wait any more`;
      PolicyError.demand(asking !== undefined, 'POLICY_ENROLMENT_UNKNOWN', message);
      const endorser = signerOf(signed, events).person;
      this.#checkSubject(signed, asking);
      asking.endorsements.set(endorser, signed);
      const { needs } = this.#show(enrolment, asking);
      if (needs > 0) return { state: 'pending', needs };
      const endorsements = [...asking.endorsements.values()];
      const event = { kind: 'enrolment', person, by: 'endorsement', endorsements } as const;
      if (person === asking.newcomer) events.setName(person, asking.name);
      const entry = { ...event, signed: asking.signed };
      const receipt = await log.append(entry, [`enrolment:${newKey}`]);
      this.#asking.delete(enrolment);
      return { state: 'enrolled', person, receipt };
    });
  }

  #checkSubject({ statement }: SignedEndorsement, asking: Asking): void {
    const { config, events } = this.#parts;
    const { newKey, person, trustDomain } = statement;
    const [first] = asking.endorsements.values();
    const known = [asking.newcomer, ...peopleIn(events).map((one) => one.person)];
    const differs = [
      trustDomain !== config.trustDomain && 'trustDomain',
      newKey !== asking.signed.statement.key && 'newKey',
      !(first ? [first.statement.person] : known).includes(person) && 'person',
    ].filter(Boolean);
    const message = `not what asks: ${differs.join(', ')}`;
    PolicyError.demand(differs.length === 0, 'POLICY_STATEMENT_MISMATCH', message);
  }

  #show(enrolment: string, { name, signed, notAfter, endorsements }: Asking): PendingEnrolment {
    const [first] = endorsements.values();
    return {
      enrolment,
      name,
      key: signed.statement.key,
      notAfter: new Date(notAfter).toISOString(),
      ...(first && { person: first.statement.person }),
      endorsedBy: [...endorsements.keys()],
      needs: Math.min(2, peopleIn(this.#parts.events).length) - endorsements.size,
    };
  }

  #forget(): void {
    for (const [enrolment, { notAfter }] of this.#asking) {
      if (notAfter <= Date.now()) this.#asking.delete(enrolment);
    }
  }
}

function pendingOf(enrolment: string, { notAfter }: Asking) {
  return { state: 'pending', enrolment, notAfter: new Date(notAfter).toISOString() } as const;
}
