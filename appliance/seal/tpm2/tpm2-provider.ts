import { randomBytes } from 'node:crypto';
import { lstat, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SealError } from '../error.ts';
import { refuseExposed } from '../exposure.ts';
import { isCode, makeFolder } from '../folder.ts';
import type { KeyProvider, KeyStore, SecretKind } from '../provider.ts';
import { makeSecret } from '../secret.ts';
import { sweepPartials, syncFolder, writeOnce } from '../write-once.ts';
import { recoveryKeyBytes } from './recovery-key.ts';
import type { SealedObject, Tpm } from './tpm.ts';
import { unwrap, wrap } from './wrap.ts';

/** The key-encryption key: as the TPM keeps it, and as the recovery key opens it. */
const SEALED = 'kek.tpm';
const RECOVERY = 'kek.recovery';
const KEY_BYTES = 32;

export interface Tpm2Options {
  readonly tpm: Tpm;
  /** Makes the store, or opens it where the TPM does not; then it is sealed to this TPM anew. */
  readonly recoveryKey?: string | undefined;
}

/**
 * Keeps each secret under a key that the TPM gives back to the image and the firmware that sealed
 * it, and that the recovery key opens too. Who reads the folder has nothing without either.
 */
export function tpm2Provider({ tpm, recoveryKey }: Tpm2Options): KeyProvider {
  // A TPM takes its time: it is asked once for each folder.
  const stores = new Map<string, KeyStore>();
  return {
    name: 'tpm2',
    async open(folder) {
      const opened = stores.get(folder);
      if (opened) return opened;
      await makeFolder(folder, 0o700);
      refuseExposed(folder, await lstat(folder), { type: 'folder', without: 0o077 });
      await sweepPartials(folder);
      const store = new Tpm2KeyStore(folder, await openKey(folder, tpm, recoveryKey));
      stores.set(folder, store);
      return store;
    },
  };
}

class Tpm2KeyStore implements KeyStore {
  readonly #folder: string;
  readonly #key: Buffer;

  constructor(folder: string, key: Buffer) {
    this.#folder = folder;
    this.#key = key;
  }

  async has(name: string): Promise<boolean> {
    return (await read(this.#path(name))) !== undefined;
  }

  async create(name: string, kind: SecretKind): Promise<void> {
    const path = this.#path(name);
    const wrapped = wrap(this.#key, name, Buffer.from(makeSecret(kind)));
    try {
      await writeOnce(path, wrapped, 0o600);
    } catch (cause) {
      if (!isCode(cause, 'EEXIST')) throw cause;
      const message = `${path}: expected no secret yet, found one; it is not replaced`;
      throw new SealError('SEAL_SECRET_EXISTS', message, { cause });
    }
  }

  async read(name: string): Promise<string> {
    const path = this.#path(name);
    const wrapped = await read(path);
    if (wrapped === undefined) {
      const message = `${path}: expected a secret, found none; restore it from your backup`;
      throw new SealError('SEAL_SECRET_MISSING', message);
    }
    const secret = unwrap(this.#key, name, wrapped);
    if (secret !== undefined) return secret.toString();
    const message = `${path}: expected a secret under this machine's key, found another text; restore it from your backup`;
    throw new SealError('SEAL_SECRET_MALFORMED', message);
  }

  #path(name: string): string {
    return join(this.#folder, `${name}.wrapped`);
  }
}

async function openKey(folder: string, tpm: Tpm, recoveryKey?: string): Promise<Buffer> {
  const sealed = await read(join(folder, SEALED));
  if (sealed === undefined) return makeKey(folder, tpm, recoveryKey);
  try {
    return await tpm.unseal(parse(sealed));
  } catch (error) {
    if (!(error instanceof SealError) || recoveryKey === undefined) throw error;
    return recoverKey(folder, tpm, recoveryKey);
  }
}

/** The sealed half comes last: without it the store was not made yet, and nothing is under it. */
async function makeKey(folder: string, tpm: Tpm, recoveryKey?: string): Promise<Buffer> {
  const wrapped = (await readdir(folder)).filter((name) => name.endsWith('.wrapped'));
  if (wrapped.length > 0 || recoveryKey === undefined) {
    const message = `${folder}/${SEALED}: expected the key that the TPM keeps, found none; restore it from your backup`;
    throw new SealError('SEAL_SECRET_MISSING', message);
  }
  const key = randomBytes(KEY_BYTES);
  await rm(join(folder, RECOVERY), { force: true });
  const recovery = wrap(recoveryKeyBytes(recoveryKey), RECOVERY, key);
  await writeOnce(join(folder, RECOVERY), recovery, 0o600);
  await writeOnce(join(folder, SEALED), JSON.stringify(await tpm.seal(key)), 0o600);
  return key;
}

async function recoverKey(folder: string, tpm: Tpm, recoveryKey: string): Promise<Buffer> {
  const wrapped = await read(join(folder, RECOVERY));
  const key = wrapped && unwrap(recoveryKeyBytes(recoveryKey), RECOVERY, wrapped);
  if (!key) {
    const message = `${folder}/${RECOVERY}: expected it to open under the recovery key given, found that it does not; give the key that this machine showed at its first boot`;
    throw new SealError('SEAL_RECOVERY_WRONG', message);
  }
  const path = join(folder, SEALED);
  const draft = `${path}.new`;
  await rm(draft, { force: true });
  await writeOnce(draft, JSON.stringify(await tpm.seal(key)), 0o600);
  await rename(draft, path);
  await syncFolder(dirname(path));
  return key;
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Believed for the volume that it lies on; what does not fit, the TPM refuses. */
function parse(text: string): SealedObject {
  const value: Partial<SealedObject> = JSON.parse(text);
  return { primary: '', public: '', private: '', ...value };
}
