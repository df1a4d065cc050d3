import { methods, type PendingEnrolment, SpiffeId } from '@physiclaw/contracts';
import { digestOf } from '@physiclaw/proof';
import type { Door } from '../door/door.ts';
import { type PersonKey, signStatement } from '../key/person-key.ts';

/** The name of a further person, which is made of his first key. */
export function newcomerOf(key: string, trustDomain: string): SpiffeId {
  return SpiffeId.parse(`spiffe://${trustDomain}/user/p-${digestOf(key).slice(0, 16)}`);
}

interface Word {
  readonly pending: PendingEnrolment;
  readonly person: string;
  readonly trustDomain: string;
}

/** Gives one's word that a key is the person's. */
export async function endorse(door: Door, key: PersonKey, { pending, person, trustDomain }: Word) {
  const statement = {
    type: 'physiclaw/endorsement/v1',
    trustDomain,
    enrolment: pending.enrolment,
    newKey: pending.key,
    person: SpiffeId.parse(person),
    key: key.did,
  } as const;
  return door.call('endorse', methods.endorse, await signStatement(statement, key));
}
