import { didOf, encodeBase64 } from '@physiclaw/proof';
import { Refusal } from '../door/refusal.ts';
import type { PersonKey } from './person-key.ts';

const STORE = 'device-keys';

/**
 * Makes an Ed25519 key that signs in this browser and cannot be read out of it, also not by this
 * page. Who uses this browser profile can use it; nobody confirms each signature.
 *
 * @throws Refusal DEVICE_KEY_REFUSED where the browser cannot.
 */
export async function createDeviceKey(name: string): Promise<PersonKey> {
  try {
    const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
    if (!('privateKey' in pair)) throw new Error('no pair of keys came');
    const raw = await crypto.subtle.exportKey('raw', pair.publicKey);
    const did = didOf(new Uint8Array(raw));
    await inStore('readwrite', (store) => store.put(pair.privateKey, did));
    return keyOf(did, name, pair.privateKey);
  } catch (cause) {
    throw refused('this browser makes no Ed25519 key', cause);
  }
}

/** The key of this name. @throws Refusal DEVICE_KEY_REFUSED where it is gone. */
export async function findDeviceKey(did: string, name: string): Promise<PersonKey> {
  const kept: unknown = await inStore('readonly', (store) => store.get(did));
  if (kept instanceof CryptoKey) return keyOf(did, name, kept);
  throw refused('this browser has lost the key; enrol another');
}

function keyOf(did: string, name: string, privateKey: CryptoKey): PersonKey {
  return {
    kind: 'device',
    did,
    name,
    sign: async (message) =>
      encodeBase64(new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, message))),
  };
}

function inStore<Result>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  return new Promise((done, fail) => {
    const opening = indexedDB.open('physiclaw', 1);
    opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore(STORE));
    opening.addEventListener('error', () => fail(refused('no room for keys', opening.error)));
    opening.addEventListener('success', () => {
      const request = act(opening.result.transaction(STORE, mode).objectStore(STORE));
      request.addEventListener('success', () => done(request.result));
      request.addEventListener('error', () => fail(refused('no room for keys', request.error)));
    });
  });
}

function refused(message: string, cause?: unknown): Refusal {
  return new Refusal('DEVICE_KEY_REFUSED', message, { cause });
}
