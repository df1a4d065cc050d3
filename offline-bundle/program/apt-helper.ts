import { existsSync } from 'node:fs';
import { BundleError } from '../error.ts';
import { run } from './run.ts';

const APT_HELPER = '/usr/lib/apt/apt-helper';
const TIMEOUT_MS = 20 * 60_000;

export interface Download {
  readonly address: string;
  readonly file: string;
  readonly sha256: string;
}

/**
 * Fetches files as this machine's apt does, its proxies and passwords included.
 *
 * @throws BundleError BUNDLE_INPUT_CHANGED when a file has another digest.
 * @throws BundleError BUNDLE_PACKAGE_GONE when an archive answers that it has no such file.
 */
export async function download(files: readonly Download[]): Promise<void> {
  if (files.length === 0) return;
  const triples = files.flatMap(({ address, file, sha256 }) => [
    address.replaceAll('+', '%2b').replaceAll('~', '%7e'),
    file,
    `SHA256:${sha256}`,
  ]);
  try {
    await run(APT_HELPER, ['download-file', ...triples], { timeoutMs: TIMEOUT_MS });
  } catch (cause) {
    const changed = files.find(({ file }) => existsSync(`${file}.FAILED`));
    if (changed) {
      const message = `expected SHA-256 ${changed.sha256} of ${nameOf(changed)}, found another; nobody should use that mirror, or: physiclaw bundle lock`;
      throw new BundleError('BUNDLE_INPUT_CHANGED', message, { cause });
    }
    const gone = files.find(({ file }) => !existsSync(file));
    if (!gone || !/\b404\b|file not found/i.test(String(cause))) throw cause;
    const message = `the mirror no longer has ${nameOf(gone)}; make a new lock: physiclaw bundle lock`;
    throw new BundleError('BUNDLE_PACKAGE_GONE', message, { cause });
  }
}

function nameOf({ address }: Download): string {
  return decodeURIComponent(address.split('/').at(-1) ?? '');
}
