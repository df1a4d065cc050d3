import {
  createHash,
  createPublicKey,
  ECDH,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import type { Assertion, Statement } from '@physiclaw/contracts';
import { didOf, messageOf } from '@physiclaw/proof';

const ORIGIN = 'https://box.plant.internal:18443';

/** What an authenticator or a page could get wrong, or an attacker would change. */
export interface Wrongs {
  readonly type?: string;
  readonly challenge?: string;
  readonly origin?: string;
  /** The relying party of the authenticator's data, where it is not the page's host. */
  readonly rpId?: string;
  readonly flags?: number;
  readonly client?: object;
  /** Cut the authenticator's data to so many bytes. */
  readonly length?: number;
}

/** An authenticator in software: a P-256 key, and assertions as WebAuthn (level 2) makes them. */
export class Passkey {
  readonly did: string;
  readonly #key: KeyObject;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#key = privateKey;
    this.did = didOf(compressed(publicKey));
  }

  assert(message: Uint8Array, wrongs: Wrongs = {}): Assertion {
    const origin = wrongs.origin ?? ORIGIN;
    const clientData = Buffer.from(
      JSON.stringify({
        type: wrongs.type ?? 'webauthn.get',
        challenge: wrongs.challenge ?? sha256(message).toString('base64url'),
        origin,
        crossOrigin: false,
        ...wrongs.client,
      }),
    );
    const rpId = wrongs.rpId ?? new URL(origin).hostname;
    const data = Buffer.concat([
      sha256(Buffer.from(rpId)),
      Buffer.from([wrongs.flags ?? 0b101, 0, 0, 0, 7]),
    ]).subarray(0, wrongs.length);
    const signed = Buffer.concat([data, sha256(clientData)]);
    return {
      authenticatorData: data.toString('base64'),
      clientData: clientData.toString('base64'),
      signature: sign('sha256', signed, this.#key).toString('base64'),
    };
  }

  /** A person's statement, signed with this passkey. */
  sign<Content extends Statement>(
    statement: Content,
    wrongs?: Wrongs,
  ): { statement: Content; signature: Assertion } {
    return { statement, signature: this.assert(messageOf(statement), wrongs) };
  }
}

function compressed(publicKey: KeyObject): Uint8Array {
  const point = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }))
    .export({ type: 'spki', format: 'der' })
    .subarray(-65);
  const short = ECDH.convertKey(point, 'prime256v1', undefined, undefined, 'compressed');
  return Buffer.isBuffer(short) ? new Uint8Array(short) : Buffer.from(short, 'hex');
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
