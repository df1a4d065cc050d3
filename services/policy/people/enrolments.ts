import { randomBytes } from 'node:crypto';
import type { PendingEnrolment, policy, SignedEndorsement, SpiffeId } from '@physiclaw/contracts';
import { Turnstile } from '@physiclaw/platform';
import type { z } from 'zod';
import { demand } from '../errors.ts';
import type { Log } from '../log/log.ts';
import type { Parts } from '../parts.ts';
import { holderOf, newcomerOf, peopleIn, signerOf } from './directory.ts';

type Calls = (typeof policy)['calls'];
type Asked = z.output<Calls['enrol']['request']>;
type Ground = Pick<Parts, 'config' | 'events'> & { readonly log: Pick<Log, 'append' | 'settle'> };

const MOST = 16;
const LIFETIME_MS = 600_000;

interface Asking extends Asked {
  readonly newcomer: SpiffeId;
  readonly notAfter: string;
  /** By who endorsed: one word of each person counts. */
  readonly endorsements: Map<SpiffeId, SignedEndorsement>;
}

/**
 * Keys that ask to be enrolled beside the first. One person alone lets in the next key; where two or
 * more are enrolled it takes two of them, for a further key as for a further person. What asks lives
 * in memory: after a restart it asks again.
 */
export class Enrolments {
  readonly #parts: Ground;
  readonly #asking = new Map<string, Asking>();
  // One at a time: between counting who is enrolled and the entry nobody else is.
  readonly #turnstile = new Turnstile();

  constructor(parts: Ground) {
    this.#parts = parts;
  }

  /** @throws PolicyError POLICY_STATEMENT_MISMATCH, POLICY_SIGNATURE_INVALID, POLICY_ENROLMENTS_FULL */
  enrol({ name, signed }: Asked): z.input<Calls['enrol']['reply']> {
    const { config, events } = this.#parts;
    const newcomer = newcomerOf(signed, config.trustDomain);
    const { key } = signed.statement;
    const holder = holderOf(key, events);
    if (holder) return { state: 'enrolled', person: holder.person };
    const known = [...this.#asking].find(([, asking]) => asking.signed.statement.key === key);
    if (known) return { state: 'pending', enrolment: known[0], notAfter: known[1].notAfter };
    const room = this.#asking.size < MOST;
    demand(room, 'POLICY_ENROLMENTS_FULL', `expected at most ${MOST} that wait`);
    const enrolment = `n-${randomBytes(16).toString('hex')}`;
    const notAfter = new Date(Date.now() + LIFETIME_MS).toISOString();
    this.#asking.set(enrolment, { name, signed, newcomer, notAfter, endorsements: new Map() });
    setTimeout(() => this.#asking.delete(enrolment), LIFETIME_MS).unref();
    return { state: 'pending', enrolment, notAfter };
  }

  list(): z.input<Calls['enrolments']['reply']> {
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
      const { enrolment, newKey, person } = signed.statement;
      const asking = this.#asking.get(enrolment);
      const message = `expected a key that waits, found ${enrolment}: let it ask anew`;
      demand(asking !== undefined, 'POLICY_ENROLMENT_UNKNOWN', message);
      const endorser = signerOf(signed, events).person;
      this.#checkSubject(signed, asking);
      asking.endorsements.set(endorser, signed);
      const { needs } = this.#show(enrolment, asking);
      if (needs > 0) return { state: 'pending', needs };
      if (person === asking.newcomer) events.setName(person, asking.name);
      const said = { signed: asking.signed, endorsements: [...asking.endorsements.values()] };
      const event = { kind: 'enrolment', person, by: 'endorsement', ...said } as const;
      const receipt = await log.append(event, [`enrolment:${newKey}`]);
      this.#asking.delete(enrolment);
      return { state: 'enrolled', person, receipt };
    });
  }

  #checkSubject({ statement }: SignedEndorsement, asking: Asking): void {
    const { config, events } = this.#parts;
    const { newKey, person, trustDomain } = statement;
    const [first] = asking.endorsements.values();
    const others = peopleIn(events).map((one) => one.person);
    const known = first ? [first.statement.person] : [asking.newcomer, ...others];
    const { key } = asking.signed.statement;
    const right = trustDomain === config.trustDomain && newKey === key && known.includes(person);
    const message = `expected a word on ${key} of ${known.join(' or ')}, found another: sign what asks`;
    demand(right, 'POLICY_STATEMENT_MISMATCH', message);
  }

  #show(enrolment: string, { name, signed, notAfter, endorsements }: Asking): PendingEnrolment {
    const [first] = endorsements.values();
    return {
      enrolment,
      name,
      key: signed.statement.key,
      notAfter,
      ...(first && { person: first.statement.person }),
      endorsedBy: [...endorsements.keys()],
      needs: Math.min(2, peopleIn(this.#parts.events).length) - endorsements.size,
    };
  }
}
