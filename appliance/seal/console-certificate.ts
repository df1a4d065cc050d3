import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ConsoleNames } from './certificate.ts';
import { isCode } from './folder.ts';
import type { KeyProvider } from './provider.ts';
import { syncFolder, writeOnce } from './write-once.ts';

export interface ConsoleOptions extends ConsoleNames {
  /** PHYSICLAW_HOME, where `genesis` has been. */
  readonly home: string;
  readonly provider: KeyProvider;
}

const KEY = 'console-key';

/**
 * Key and certificate of the console's door, in PEM: what was made before, unless it names other
 * hosts or addresses or has less than half of its life left. The key stays the same.
 */
export async function consoleCertificate(
  options: ConsoleOptions,
): Promise<{ key: string; certificate: string }> {
  const { home, provider, hosts, addresses } = options;
  const store = await provider.open(join(home, 'secrets'));
  if (!(await store.has(KEY))) await store.create(KEY, 'p256-key');
  const key = await store.read(KEY);
  const path = join(home, 'anchors', 'console.pem');
  const found = await read(path);
  if (found !== undefined && serves(found, key, { hosts, addresses })) {
    return { key, certificate: found };
  }
  // Loaded here only: most starts have no use for it.
  const { certifyConsole } = await import('./certificate.ts');
  const bundle = await readFile(join(home, 'anchors', 'trust-bundle.pem'), 'utf8');
  const authority = { caKey: await store.read('ca-key'), bundle };
  const certificate = await certifyConsole(authority, key, { hosts, addresses });
  await replace(path, certificate);
  return { key, certificate };
}

function serves(pem: string, key: string, { hosts, addresses }: ConsoleNames): boolean {
  const certificate = new X509Certificate(pem);
  const names = [
    ...hosts.map((host) => `DNS:${host}`),
    ...addresses.map((address) => `IP Address:${address}`),
  ];
  const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  return (
    certificate.checkPrivateKey(createPrivateKey(key)) &&
    certificate.subjectAltName === names.join(', ') &&
    from <= Date.now() &&
    Date.now() < (from + to) / 2
  );
}

async function replace(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  await rm(draft, { force: true });
  await writeOnce(draft, text, 0o444);
  await rename(draft, path);
  await syncFolder(dirname(path));
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
