import { methods } from '@physiclaw/contracts';
import { type Signer, signStatement } from '@physiclaw/proof';
import { Failure } from '../failure.ts';
import { Client } from './client.ts';
import { deviceKeyPath, readDeviceKey } from './device-key.ts';

/** A client that signs in with the user's device key when the first call needs it. */
export function signedInClient(socket: string, people: string): Client {
  let credential: Promise<string> | undefined;
  return new Client(socket, () => {
    credential ??= signIn(socket, requireKey(people));
    return credential;
  });
}

/** @throws Failure DEVICE_KEY_MISSING */
export function requireKey(people: string): Signer {
  const signer = readDeviceKey(people);
  if (signer) return signer;
  throw new Failure(
    'DEVICE_KEY_MISSING',
    `expected your device key at ${deviceKeyPath(people)}; \`up\` makes it when a stack is first started`,
  );
}

async function signIn(socket: string, signer: Signer): Promise<string> {
  const open = new Client(socket);
  const { nonce, trustDomain } = await open.call('hello', methods.hello, {});
  const statement = { type: 'physiclaw/sign-in/v1', trustDomain, nonce, key: signer.did } as const;
  const signed = signStatement(statement, signer);
  const { credential } = await open.call('signIn', methods.signIn, signed);
  return credential;
}
