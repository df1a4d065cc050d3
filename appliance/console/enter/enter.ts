import { methods, type SignedEnrolment } from '@physiclaw/contracts';
import { post } from '../door/post.ts';
import { Refusal } from '../door/refusal.ts';
import { createDeviceKey } from '../key/device-key.ts';
import { openKey, remember, type RememberedKey } from '../key/key-ring.ts';
import { createPasskey } from '../key/passkey.ts';
import { signStatement } from '../key/person-key.ts';
import { keepSession, type Session } from '../session/session.ts';

/** Says what is being done, and what the person has to do for it. */
export type Tell = (step: string) => void;

/** Who wants to be known here, and by which kind of key. */
export interface Newcomer {
  readonly name: string;
  readonly kind: 'passkey' | 'device';
}

/** Makes the first person's key and enrols it by the code from the screen. */
export async function claim(code: string, newcomer: Newcomer, tell: Tell): Promise<RememberedKey> {
  const { key, signed } = await prepare(newcomer, tell);
  tell('Claiming the appliance');
  await post('claim', methods.claim, { code: code.trim(), name: newcomer.name, signed });
  remember(key);
  return key;
}

/** A key that waits for its endorsement, and what it was asked for with. */
export interface Enrolling {
  readonly key: RememberedKey;
  readonly signed: SignedEnrolment;
  readonly enrolment: string;
  readonly notAfter: string;
}

/**
 * Makes a further key and asks for its endorsement.
 *
 * @throws Refusal ENROLMENT_DONE when the key is enrolled already, which no new key is.
 */
export async function enrol(newcomer: Newcomer, tell: Tell): Promise<Enrolling> {
  const { key, signed } = await prepare(newcomer, tell);
  tell('Asking for endorsement');
  const asked = await post('enrol', methods.enrol, { name: newcomer.name, signed });
  if (asked.state !== 'pending') {
    throw new Refusal('ENROLMENT_DONE', 'the key is enrolled already; sign in with it');
  }
  remember(key);
  return { key, signed, enrolment: asked.enrolment, notAfter: asked.notAfter };
}

/** How the asking stands. */
export async function askAgain({ key, signed }: Enrolling): Promise<'pending' | 'enrolled'> {
  return (await post('enrol', methods.enrol, { name: key.name, signed })).state;
}

/** Proves to the gateway who is here; its answer is good for an hour. */
export async function signIn(remembered: RememberedKey, tell: Tell): Promise<Session> {
  const key = await openKey(remembered);
  const { nonce, trustDomain } = await post('hello', methods.hello, {});
  tell(key.kind === 'passkey' ? 'Confirm the sign-in with your passkey' : 'Signing in');
  const statement = { type: 'physiclaw/sign-in/v1', trustDomain, nonce, key: key.did } as const;
  const signed = await signStatement(statement, key);
  const { credential, scopes, person, name } = await post('signIn', methods.signIn, signed);
  const session = { credential, scopes, trustDomain, did: key.did, name, person };
  keepSession(session);
  return session;
}

async function prepare({ name, kind }: Newcomer, tell: Tell) {
  const { trustDomain } = await post('hello', methods.hello, {});
  tell(kind === 'passkey' ? 'Create the passkey as your browser asks' : 'Making a device key');
  const key: RememberedKey =
    kind === 'passkey'
      ? { kind, trustDomain, ...(await createPasskey(name)) }
      : { kind, trustDomain, did: (await createDeviceKey(name)).did, name };
  tell(kind === 'passkey' ? 'Confirm once more: the new passkey signs its enrolment' : 'Signing');
  const statement = { type: 'physiclaw/enrolment/v1', trustDomain, key: key.did } as const;
  return { key, signed: await signStatement(statement, await openKey(key)) };
}
