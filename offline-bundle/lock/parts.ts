import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalize, digestOf } from '@physiclaw/proof';
import { z } from 'zod';
import { BundleError } from '../error.ts';
import type { LockedPart } from './lock.ts';

const Package = z.object({ name: z.string(), version: z.string() });
const NODE = 'bin/node';

/**
 * What of a build this repository did not make: Node and the npm packages with parts of their own.
 *
 * @throws BundleError BUNDLE_INPUT_INVALID when the folder holds no build.
 */
export function partsOf(product: string, nodeVersion: string): LockedPart[] {
  const manifests = globSync('node_modules/{*,@*/*}/package.json', { cwd: product }).toSorted();
  if (manifests.length === 0) {
    const message = `expected a build at ${product}, found none; run: make build`;
    throw new BundleError('BUNDLE_INPUT_INVALID', message);
  }
  const node = { name: 'node', version: nodeVersion, sha256: digestOfFiles(product, [NODE]) };
  return [node, ...manifests.map((file) => partOf(product, file))];
}

function partOf(product: string, manifest: string): LockedPart {
  const { name, version } = Package.parse(
    JSON.parse(readFileSync(join(product, manifest), 'utf8')),
  );
  const files = globSync(`node_modules/${name}/**`, { cwd: product, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(product, '/').length));
  return { name, version, sha256: digestOfFiles(product, files) };
}

function digestOfFiles(folder: string, files: readonly string[]): string {
  return digestOf(
    canonicalize(
      files.toSorted().map((file) => [file, digestOf(readFileSync(join(folder, file)))]),
    ),
  );
}

/** @throws BundleError BUNDLE_INPUT_CHANGED naming the first part that is not the locked one. */
export function expectParts(locked: readonly LockedPart[], found: readonly LockedPart[]): void {
  const names = new Set([...locked, ...found].map(({ name }) => name));
  for (const name of names) {
    const [want, have] = [locked, found].map((list) => list.find((part) => part.name === name));
    if (want?.sha256 === have?.sha256) continue;
    const [expected, got] = [want, have].map((part) =>
      part ? `${part.version} ${part.sha256}` : 'none',
    );
    const message = `${name} in the build: expected ${expected}, found ${got}; build again, or: physiclaw bundle lock`;
    throw new BundleError('BUNDLE_INPUT_CHANGED', message);
  }
}
