import { decodeBase64, didOf, encodeBase64 } from '@physiclaw/proof';
import { Refusal } from '../door/refusal.ts';
import type { PersonKey, Signature } from './person-key.ts';

const ES256 = -7;
const COORDINATE_BYTES = 32;
const POINT_BYTES = 1 + 2 * COORDINATE_BYTES;
const UNCOMPRESSED = 4;
const PATIENCE_MS = 120_000;

/** A passkey by what this browser remembers of it; the authenticator keeps the key. */
export interface RememberedPasskey {
  readonly did: string;
  readonly name: string;
  /** Credential id, base64. */
  readonly credential: string;
}

/**
 * Makes a passkey for this host. Nobody attests it: that its owner holds it is shown by the
 * signature that he makes with it at once.
 *
 * @throws Refusal PASSKEY_REFUSED when the browser, the authenticator or the person said no.
 */
export async function createPasskey(name: string): Promise<RememberedPasskey> {
  const credential = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { id: window.location.hostname, name: 'Physiclaw' },
        user: { id: crypto.getRandomValues(new Uint8Array(16)), name, displayName: name },
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        pubKeyCredParams: [{ type: 'public-key', alg: ES256 }],
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        attestation: 'none',
        timeout: PATIENCE_MS,
      },
    }),
  );
  const response = credential.response;
  if (!(response instanceof AuthenticatorAttestationResponse)) throw refused('no new key came');
  const spki = response.getPublicKey();
  if (spki === null) throw refused('the browser does not know this kind of key');
  return {
    did: didOf(compressed(new Uint8Array(spki))),
    name,
    credential: encodeBase64(new Uint8Array(credential.rawId)),
  };
}

/** The passkey as a key to sign with; each signature asks its owner. */
export function passkeyOf({ did, name, credential }: RememberedPasskey): PersonKey {
  return { kind: 'passkey', did, name, sign: (message) => assert(credential, message) };
}

/** The point of a P-256 key, which ends its DER: X, and whether Y is odd (SEC 1, section 2.3.3). */
function compressed(spki: Uint8Array): Uint8Array {
  const [form, ...point] = spki.slice(-POINT_BYTES);
  const y = point.at(-1);
  if (form !== UNCOMPRESSED || y === undefined) throw refused('expected a key of P-256');
  return Uint8Array.of(2 + (y & 1), ...point.slice(0, COORDINATE_BYTES));
}

async function assert(id: string, message: Uint8Array<ArrayBuffer>): Promise<Signature> {
  const challenge = await crypto.subtle.digest('SHA-256', message);
  const { response } = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge,
        rpId: window.location.hostname,
        allowCredentials: [{ type: 'public-key', id: Uint8Array.from(decodeBase64(id)) }],
        userVerification: 'required',
        timeout: PATIENCE_MS,
      },
    }),
  );
  if (!(response instanceof AuthenticatorAssertionResponse)) throw refused('no signature came');
  return {
    authenticatorData: encodeBase64(new Uint8Array(response.authenticatorData)),
    clientData: encodeBase64(new Uint8Array(response.clientDataJSON)),
    signature: encodeBase64(new Uint8Array(response.signature)),
  };
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let credential: Credential | null;
  try {
    credential = await ask();
  } catch (cause) {
    throw refused(cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (credential instanceof PublicKeyCredential) return credential;
  throw refused('the browser gave none');
}

function refused(why: string, cause?: unknown): Refusal {
  const message = `no passkey was used: ${why.replace(/\s+/g, ' ')}`;
  return new Refusal('PASSKEY_REFUSED', message, { cause });
}
