import { timingSafeEqual } from 'node:crypto';
import { type policy, type Receipt, Scope, type SpiffeId } from '@physiclaw/contracts';
import { isUsed } from '@physiclaw/platform';
import { sha256 } from '@physiclaw/proof';
import type { z } from 'zod';
import { demand, PolicyError } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { modeOf, newcomerOf, signerOf } from './directory.ts';

/**
 * Enrols the first person, for whoever was given the code: once.
 *
 * @throws PolicyError POLICY_CLAIMED_ALREADY, POLICY_CLAIM_REFUSED, POLICY_STATEMENT_MISMATCH,
 * POLICY_SIGNATURE_INVALID.
 */
export async function claim(
  { code, name, signed }: z.output<typeof policy.calls.claim.request>,
  { config, events, log, code: expected }: Parts,
): Promise<{ person: SpiffeId; receipt: Receipt }> {
  await log.settle();
  if (modeOf(events) !== 'unclaimed') throw claimed();
  checkCode(code, expected);
  const person = newcomerOf(signed, config.trustDomain);
  events.setName(person, name);
  const event = { kind: 'enrolment', person, by: 'claim', signed } as const;
  const receipt = await log.append(event, ['claim']).catch((error: unknown) => {
    throw isUsed(error) ? claimed() : error;
  });
  return { person, receipt };
}

/**
 * Says who holds the other end, by his signature over the gateway's nonce, and records it, if need
 * be for the log to read later. That the nonce is good once is the gateway's to see to.
 *
 * @throws PolicyError POLICY_STATEMENT_MISMATCH, POLICY_SIGNATURE_INVALID, POLICY_KEY_UNKNOWN.
 */
export async function signIn(
  { nonce, signed }: z.output<typeof policy.calls.signIn.request>,
  { config, events, log }: Parts,
): Promise<z.input<typeof policy.calls.signIn.reply>> {
  const { key, trustDomain, nonce: said } = signed.statement;
  const here = said === nonce && trustDomain === config.trustDomain;
  demand(here, 'POLICY_STATEMENT_MISMATCH', 'expected this nonce and trust domain');
  const { person } = signerOf(signed, events);
  await log.record({ kind: 'sign-in', person, key });
  // The one who is enrolled is everything here: owner, operator, approver.
  return { person, name: events.nameOf(person), scopes: [...Scope.options] };
}

/** A guess takes nothing from who has the code: it has a hundred bits, so that no lock is needed. */
function checkCode(given: string, expected: string | undefined): void {
  // The digests have one length, so their comparison tells nothing about the code.
  if (expected && timingSafeEqual(sha256(given), Buffer.from(expected, 'hex'))) return;
  throw new PolicyError('POLICY_CLAIM_REFUSED', 'expected the claim code that this machine shows');
}

function claimed(): PolicyError {
  return new PolicyError('POLICY_CLAIMED_ALREADY', 'somebody has claimed this appliance');
}
