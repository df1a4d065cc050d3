import {
  policy,
  type SignedEndorsement,
  type SignedEnrolment,
  SpiffeId,
} from '@physiclaw/contracts';
import { digestOf, type Signer, signStatement } from '@physiclaw/proof';
import { Passkey } from '#test/appliance/proof/statement/passkey.ts';
import { type Machine, trustDomain } from '../machine.ts';

/** Whoever can sign: with a device key, or with a passkey. */
export type Key = Signer | Passkey;

export function enrolmentOf(key: Key, domain = trustDomain): SignedEnrolment {
  const statement = {
    type: 'physiclaw/enrolment/v1',
    trustDomain: domain,
    key: key.did,
  } as const;
  return key instanceof Passkey ? key.sign(statement) : signStatement(statement, key);
}

/** The name that a person has who comes with this key. */
export function newcomer(key: Key): SpiffeId {
  return SpiffeId.parse(`spiffe://${trustDomain}/user/p-${digestOf(key.did).slice(0, 16)}`);
}

/** A person's word, by one of his keys, for a key that asked. */
export function endorsementOf(
  enrolment: string,
  newKey: Key,
  by: Key,
  more: Partial<SignedEndorsement['statement']> = {},
): SignedEndorsement {
  const statement = {
    type: 'physiclaw/endorsement/v1' as const,
    trustDomain,
    enrolment,
    newKey: newKey.did,
    person: newcomer(newKey),
    key: by.did,
    ...more,
  };
  return by instanceof Passkey ? by.sign(statement) : signStatement(statement, by);
}

/** Lets a key ask. @returns the name of its asking. */
export async function ask(machine: Machine, key: Key, name = 'Bob'): Promise<string> {
  const asked = await machine.gateway.ask(policy.calls.enrol, { name, signed: enrolmentOf(key) });
  if (asked.state === 'pending') return asked.enrolment;
  throw new Error(`enrolled already as ${asked.person}`);
}

/** Enrols a further key by the word of all who are named. */
export async function join(
  machine: Machine,
  key: Key,
  by: readonly Key[],
  more: Partial<SignedEndorsement['statement']> = {},
): Promise<void> {
  const enrolment = await ask(machine, key);
  for (const endorser of by) {
    const signed = endorsementOf(enrolment, key, endorser, more);
    await machine.gateway.ask(policy.calls.endorse, signed);
  }
}
