import { timingSafeEqual } from 'node:crypto';
import { type policy, type Receipt, Scope, type SpiffeId } from '@physiclaw/contracts';
import { sha256 } from '@physiclaw/proof';
import type { z } from 'zod';
import { PolicyError } from '../errors.ts';
import { isUsed } from '../log/log.ts';
import type { Parts } from '../parts.ts';
import type { Events } from '../state/events.ts';
import { modeOf, newcomerOf, signerOf } from './directory.ts';

type Calls = (typeof policy)['calls'];

const TRIES = 10;

/**
 * Enrols the first person, for whoever was given the code: once, and after ten wrong answers to a
 * code no more.
 *
 * @throws PolicyError POLICY_CLAIMED_ALREADY, POLICY_CLAIM_REFUSED, POLICY_STATEMENT_MISMATCH,
 * POLICY_SIGNATURE_INVALID.
 */
export async function claim(
  { code, name, signed }: z.output<Calls['claim']['request']>,
  { config, events, log, code: expected }: Parts,
): Promise<{ person: SpiffeId; receipt: Receipt }> {
  await log.settle();
  if (modeOf(events) !== 'unclaimed') throw claimed();
  checkCode(code, expected, events);
  const person = newcomerOf(signed, config.trustDomain);
  events.setName(person, name);
  try {
    const event = { kind: 'enrolment', person, by: 'claim', signed } as const;
    return { person, receipt: await log.append(event, ['claim']) };
  } catch (error) {
    throw isUsed(error) ? claimed() : error;
  }
}

/**
 * Says who holds the other end, by his signature over the gateway's nonce, and records it, if need
 * be for the log to read later. That the nonce is good once is the gateway's to see to.
 *
 * @throws PolicyError POLICY_STATEMENT_MISMATCH, POLICY_SIGNATURE_INVALID, POLICY_KEY_UNKNOWN.
 */
export async function signIn(
  { nonce, signed }: z.output<Calls['signIn']['request']>,
  { config, events, log }: Parts,
): Promise<z.input<Calls['signIn']['reply']>> {
  const { key, trustDomain, nonce: said } = signed.statement;
  const here = said === nonce && trustDomain === config.trustDomain;
  PolicyError.demand(here, 'POLICY_STATEMENT_MISMATCH', 'expected this nonce and trust domain');
  const { person } = signerOf(signed, events);
  await log.record({ kind: 'sign-in', person, key });
  // The one who is enrolled is everything here: owner, operator, approver.
  return { person, name: events.nameOf(person), scopes: [...Scope.options] };
}

function checkCode(given: string, expected: string | undefined, { database }: Events): void {
  if (expected !== undefined) {
    const row = database
      .prepare<[string], { failures: number }>('SELECT failures FROM claim WHERE code = ?')
      .get(expected);
    // The digests have one length, so their comparison tells nothing about the code.
    const right = timingSafeEqual(sha256(given), Buffer.from(expected, 'hex'));
    if (right && (row?.failures ?? 0) < TRIES) return;
    database
      .prepare('INSERT INTO claim VALUES (?, 1) ON CONFLICT DO UPDATE SET failures = failures + 1')
      .run(expected);
  }
  throw new PolicyError('POLICY_CLAIM_REFUSED', 'not the claim code, or too many tries');
}

function claimed(): PolicyError {
  return new PolicyError('POLICY_CLAIMED_ALREADY', 'somebody has claimed this appliance');
}
