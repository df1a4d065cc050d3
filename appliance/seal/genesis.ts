import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { anchors } from './anchors.ts';
import { SealError } from './error.ts';
import { refuseExposed } from './exposure.ts';
import { isCode, makeFolder } from './folder.ts';
import type { KeyProvider, KeyStore } from './provider.ts';
import { rootSecrets } from './secret.ts';
import { sweepPartials, writeOnce } from './write-once.ts';

export interface GenesisOptions {
  /** PHYSICLAW_HOME, which is there; `secrets`, `anchors` and `state` lie in it. */
  readonly home: string;
  readonly trustDomain: string;
  readonly provider: KeyProvider;
}

/**
 * Makes the root secrets and the anchors, once; from then on it only says whether they belong
 * together. To be run before any service starts. Killed on its way it is completed by the next
 * run: until a service has state, nobody relied on what it made.
 *
 * The anchors are believed for their permissions alone: whoever can write them as this user can
 * have another log and another authority believed.
 *
 * @throws SealError SEAL_ANCHOR_MISMATCH when an anchor is of another secret or trust domain.
 * @throws SealError SEAL_GENESIS_LOST when a secret or an anchor is gone that was relied on.
 * @throws SealError SEAL_EXPOSED when somebody else could have read a secret or written an anchor.
 * @throws SealError SEAL_SECRET_MALFORMED
 */
export async function genesis({ home, trustDomain, provider }: GenesisOptions): Promise<void> {
  const folder = join(home, 'anchors');
  const store = await provider.open(join(home, 'secrets'));
  const present = await readAnchors(folder);
  await refuseLoss(home, store, present);
  for (const { name, kind } of rootSecrets) {
    if (!(await store.has(name))) await store.create(name, kind);
  }
  for (const anchor of anchors) {
    const path = join(folder, anchor.file);
    const secret = await store.read(anchor.secret);
    // Parsed before anything is made of it: each anchor is of a secret that its owner can use.
    const expected = anchor.expected(secret, trustDomain);
    const text = present.get(anchor.file);
    if (text === undefined) await writeOnce(path, await anchor.make(secret, trustDomain), 0o444);
    else agree(path, expected, anchor.found(text));
  }
}

function agree(path: string, expected: string, found: string): void {
  if (found === expected) return;
  throw new SealError(
    'SEAL_ANCHOR_MISMATCH',
    `${path}: expected ${expected}, as its secret and the trust domain say, found ${found}; restore secrets, anchors and trust domain that belong together, or begin anew in another PHYSICLAW_HOME`,
  );
}

async function readAnchors(folder: string): Promise<Map<string, string>> {
  await makeFolder(folder, 0o755);
  refuseExposed(folder, await lstat(folder), { type: 'folder', without: 0o022 });
  await sweepPartials(folder);
  const present = new Map<string, string>();
  for (const { file } of anchors) {
    const path = join(folder, file);
    try {
      refuseExposed(path, await lstat(path), { type: 'file', without: 0o022 });
      present.set(file, await readFile(path, 'utf8'));
    } catch (error) {
      // One that is not there yet is this run's to make.
      if (!isCode(error, 'ENOENT')) throw error;
    }
  }
  return present;
}

/** Making a root secret anew would disown all that its predecessor signed. */
async function refuseLoss(
  home: string,
  store: KeyStore,
  present: ReadonlyMap<string, string>,
): Promise<void> {
  const served = await hasState(join(home, 'state'));
  const lost: string[] = [];
  for (const { file, secret } of anchors) {
    const relied = served || present.has(file);
    if (relied && !(await store.has(secret))) lost.push(`the secret ${secret}`);
    if (served && !present.has(file)) lost.push(`anchors/${file}`);
  }
  if (lost.length === 0) return;
  throw new SealError(
    'SEAL_GENESIS_LOST',
    `${home}: expected what genesis made, found all but ${lost.join(', ')}; restore it from your backup, or begin anew in another PHYSICLAW_HOME`,
  );
}

/** Whether a service has run: each leaves something in its own folder. */
async function hasState(folder: string): Promise<boolean> {
  try {
    const services = await readdir(folder, { withFileTypes: true });
    for (const { name } of services.filter((entry) => entry.isDirectory())) {
      if ((await readdir(join(folder, name))).length > 0) return true;
    }
    return false;
  } catch (error) {
    // The folder is made by whoever starts the services.
    if (isCode(error, 'ENOENT')) return false;
    throw error;
  }
}
