import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '@physiclaw/proof';
import { fileProvider } from './file-provider.ts';
import type { KeyProvider } from './provider.ts';
import { rootSecrets } from './secret.ts';

export interface HandOutOptions {
  /** PHYSICLAW_HOME, where `genesis` has been. */
  readonly home: string;
  /** The folder that `credentials/<service>/` is made in; of the caller alone, not on a disk. */
  readonly runFolder: string;
  /** Each service that starts, and the user it runs as. */
  readonly owners: Readonly<Record<string, number>>;
  /** The code that enrols the first person, in clear: `policy` is handed its SHA-256 in hex. */
  readonly claimCode?: string | undefined;
  readonly provider?: KeyProvider;
}

/**
 * Hands each service the root secrets that it owns, as files that nobody else can read, in a
 * folder of its own. What an earlier start handed out is gone when this resolves.
 *
 * @throws SealError SEAL_SECRET_MISSING when `genesis` has not been here.
 */
export async function handOut(options: HandOutOptions): Promise<void> {
  const { home, runFolder, owners, claimCode, provider = fileProvider } = options;
  const store = await provider.open(join(home, 'secrets'));
  const root = join(runFolder, 'credentials');
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { mode: 0o700 });
  for (const [service, uid] of Object.entries(owners)) {
    const folder = join(root, service);
    await mkdir(folder, { mode: 0o700 });
    for (const { name } of rootSecrets.filter((secret) => secret.service === service)) {
      await give(join(folder, name), await store.read(name), uid);
    }
    if (service === 'policy' && claimCode !== undefined) {
      const digest = digestOf(claimCode);
      await give(join(folder, 'claim-code'), digest, uid);
    }
    await chown(folder, uid, -1);
  }
  // Opened only now: a service reaches its own folder through this one, and cannot list it.
  await chmod(root, 0o711);
}

async function give(path: string, secret: string, uid: number): Promise<void> {
  await writeFile(path, secret, { flag: 'wx', mode: 0o400 });
  await chown(path, uid, -1);
}
