import {
  type DecisionEvent,
  type EnrolledPerson,
  type SignedEnrolment,
  SpiffeId,
} from '@physiclaw/contracts';
import { digestOf, verifyStatement } from '@physiclaw/proof';
import { demand, PolicyError } from '../errors.ts';
import type { Events } from '../state/events.ts';

type Signed = Parameters<typeof verifyStatement>[0];

export interface Person {
  readonly person: SpiffeId;
  /** Index of the entry that enrolled the key. */
  readonly enrolment: number;
}

/** Everybody who is enrolled, with his keys, the first one first. */
export function peopleIn(events: Events): EnrolledPerson[] {
  const people = Map.groupBy(events.all('enrolment').toReversed(), ({ event }) => event.person);
  return [...people].map(([person, entries]) => ({
    person,
    name: events.nameOf(person),
    keys: entries.map(({ event }) => event.signed.statement.key),
  }));
}

/** How many people are enrolled; the log takes one enrolment by the claim, for ever. */
export function modeOf(events: Events): DecisionEvent['mode'] {
  return (['unclaimed', 'solo'] as const)[peopleIn(events).length] ?? 'people';
}

/** @throws PolicyError POLICY_KEY_UNKNOWN unless the person is enrolled. */
export function checkEnrolled(person: string, events: Events): void {
  if (events.all('enrolment').some(({ event }) => event.person === person)) return;
  throw new PolicyError('POLICY_KEY_UNKNOWN', `expected an enrolled person, found ${person}`);
}

/** Whose key it is, if it is enrolled. */
export function holderOf(key: string, events: Events): Person | undefined {
  const found = events.all('enrolment').find(({ event }) => event.signed.statement.key === key);
  return found && { person: found.event.person, enrolment: found.index };
}

/** Whether a person may approve in a session, as the gate sees it: alone he may do so in his own. */
export function mayApprove(person: string, session: string, events: Events): boolean {
  const own = events.latest('session', session)?.event.principal === person;
  return !own || modeOf(events) === 'solo';
}

/**
 * Who signed.
 *
 * @throws PolicyError POLICY_SIGNATURE_INVALID, POLICY_KEY_UNKNOWN.
 */
export function signerOf(signed: Signed, events: Events): Person {
  checkSignature(signed);
  const { key } = signed.statement;
  const person = holderOf(key, events);
  const message = `expected an enrolled key, found ${key}: sign with another, or have it endorsed`;
  demand(person !== undefined, 'POLICY_KEY_UNKNOWN', message);
  return person;
}

/**
 * A person's name on this appliance: made of his first key, it says nothing else of him.
 *
 * @throws PolicyError POLICY_STATEMENT_MISMATCH, POLICY_SIGNATURE_INVALID when the key did not ask
 * to be enrolled here.
 */
export function newcomerOf(signed: SignedEnrolment, domain: string): SpiffeId {
  const { key, trustDomain } = signed.statement;
  demand(trustDomain === domain, 'POLICY_STATEMENT_MISMATCH', `expected domain ${domain}`);
  checkSignature(signed);
  return SpiffeId.parse(`spiffe://${domain}/user/p-${digestOf(key).slice(0, 16)}`);
}

function checkSignature(signed: Signed): void {
  const message = `expected a signature by ${signed.statement.key}, found another: sign just this`;
  demand(verifyStatement(signed), 'POLICY_SIGNATURE_INVALID', message);
}
