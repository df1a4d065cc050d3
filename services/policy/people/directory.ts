import {
  type Mode,
  type SignedApproval,
  type SignedResume,
  type SignedSignIn,
  type SpiffeId,
} from '@physiclaw/contracts';
import { verifyStatement } from '@physiclaw/proof';
import type { z } from 'zod';
import { PolicyError } from '../errors.ts';
import type { Events } from '../state/events.ts';

export interface Person {
  readonly person: SpiffeId;
  /** Index of the entry that enrolled the key. */
  readonly enrolment: number;
}

/** How many people are enrolled; the log takes one enrolment by the claim, for ever. */
export function modeOf(events: Events): z.infer<typeof Mode> {
  const people = events.all('enrolment').length;
  if (people === 0) return 'unclaimed';
  return people === 1 ? 'solo' : 'people';
}

/** @throws PolicyError POLICY_KEY_UNKNOWN unless the person is enrolled. */
export function checkEnrolled(person: string, events: Events): void {
  if (events.all('enrolment').some(({ event }) => event.person === person)) return;
  throw new PolicyError('POLICY_KEY_UNKNOWN', `${person} is not enrolled`);
}

/** Whose key it is, if it is enrolled. */
export function holderOf(key: string, events: Events): Person | undefined {
  const found = events.all('enrolment').find(({ event }) => event.signed.statement.key === key);
  return found && { person: found.event.person, enrolment: found.index };
}

/**
 * Who signed.
 *
 * @throws PolicyError POLICY_SIGNATURE_INVALID, POLICY_KEY_UNKNOWN.
 */
export function signerOf(
  signed: SignedApproval | SignedResume | SignedSignIn,
  events: Events,
): Person {
  checkSignature(signed);
  const { key } = signed.statement;
  const person = holderOf(key, events);
  if (person) return person;
  throw new PolicyError('POLICY_KEY_UNKNOWN', `${key} is not enrolled`);
}

export function checkSignature(signed: Parameters<typeof verifyStatement>[0]): void {
  if (verifyStatement(signed)) return;
  throw new PolicyError('POLICY_SIGNATURE_INVALID', 'the statement is not signed by its key');
}
