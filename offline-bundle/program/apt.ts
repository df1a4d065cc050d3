import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BundleError } from '../error.ts';
import { run } from './run.ts';

const APT_GET = '/usr/bin/apt-get';
const APT_CACHE = '/usr/bin/apt-cache';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const MINUTE_MS = 60_000;
const ARCHITECTURE = 'amd64';

/** The two archives of Debian, as this machine's own sources name them. */
export interface Mirror {
  readonly debian: string;
  readonly security: string | undefined;
}

/** A package that apt would install, and where it lies. */
export interface Chosen {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly archive: keyof Mirror;
  /** Below the archive's address. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

const Stanza = z.object({
  Package: z.string(),
  Version: z.string(),
  Architecture: z.string(),
  Filename: z.string(),
  Size: z.coerce.number(),
  SHA256: z.string(),
});
type Stanza = z.infer<typeof Stanza>;

/**
 * Where this machine gets Debian from, whatever release of it the machine runs.
 *
 * @throws BundleError BUNDLE_MIRROR_UNKNOWN when apt has no source of Debian's main archive.
 */
export async function mirrorOf(): Promise<Mirror> {
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)';
  const list = ['indextargets', '--format', format, 'Created-By: Packages'];
  return mirrorIn(await run(APT_GET, list, { timeoutMs: MINUTE_MS }));
}

/** The same of apt's list: `address release component` a line. */
export function mirrorIn(printed: string): Mirror {
  const sources = printed.split('\n').map((line) => line.split(' '));
  const of = (release: RegExp) =>
    sources.find(
      ([uri = '', name = '', component]) =>
        component === 'main' && uri.includes('debian') && release.test(name),
    )?.[0];
  const debian = of(/^[a-z]+$/);
  if (debian === undefined) {
    throw new BundleError(
      'BUNDLE_MIRROR_UNKNOWN',
      "expected a source of Debian's main archive in apt's configuration, found none; add one, then: apt-get update",
    );
  }
  return { debian, security: of(/^[a-z]+-security$/) };
}

/** The lines of an apt configuration that reads these archives. */
export function sourcesOf({ debian, security }: Mirror, suite: string): string[] {
  const options = `[arch=${ARCHITECTURE} signed-by=${KEYRING}]`;
  return [
    `deb ${options} ${debian} ${suite} main`,
    `deb ${options} ${debian} ${suite}-updates main`,
    ...(security === undefined ? [] : [`deb ${options} ${security} ${suite}-security main`]),
  ];
}

/**
 * What apt would install of a suite on an empty machine: these packages, the essential and the
 * required ones, and what all of them need. Nothing of this machine's own apt is changed.
 *
 * @throws BundleError BUNDLE_PACKAGE_UNKNOWN when the suite has no such package.
 */
export async function choose(
  folder: string,
  mirror: Mirror,
  sources: readonly string[],
  packages: readonly string[],
): Promise<Chosen[]> {
  const apt = privateApt(folder, sources);
  await run(APT_GET, [...apt, '-qq', 'update'], { timeoutMs: 5 * MINUTE_MS });
  const wanted = ['?essential', '?priority(required)', 'apt', ...packages];
  const offers = [...(await install(apt, wanted)).matchAll(/^'(\S+)' (\S+) /gm)];
  const names = offers.map(([, , file = '']) => nameAndVersion(file));
  const shown = await run(APT_CACHE, [...apt, 'show', ...names], { timeoutMs: MINUTE_MS });
  const stanzas = shown.split('\n\n').map((text) => Stanza.parse(fieldsOf(text)));
  return offers.map(([, uri = '']) => chosenOf(uri, mirror, stanzas));
}

/** Options that give apt state, cache and sources of its own. */
function privateApt(folder: string, sources: readonly string[]): string[] {
  mkdirSync(join(folder, 'state/lists/partial'), { recursive: true });
  mkdirSync(join(folder, 'cache/archives/partial'), { recursive: true });
  writeFileSync(join(folder, 'status'), '');
  writeFileSync(join(folder, 'sources.list'), `${sources.join('\n')}\n`);
  return [
    `Dir::State=${folder}/state`,
    `Dir::State::status=${folder}/status`,
    `Dir::Cache=${folder}/cache`,
    `Dir::Etc::sourcelist=${folder}/sources.list`,
    'Dir::Etc::sourceparts=/dev/null',
    'Dir::Etc::preferences=/dev/null',
    'Dir::Etc::preferencesparts=/dev/null',
    `APT::Architecture=${ARCHITECTURE}`,
    `APT::Architectures=${ARCHITECTURE}`,
    'APT::Install-Recommends=false',
    'Acquire::Languages=none',
  ].flatMap((option) => ['-o', option]);
}

async function install(apt: readonly string[], names: readonly string[]): Promise<string> {
  try {
    return await run(APT_GET, [...apt, '-qq', '-y', '--print-uris', 'install', ...names], {
      timeoutMs: MINUTE_MS,
    });
  } catch (cause) {
    const unknown = /Unable to locate package (\S+)/.exec(String(cause))?.[1];
    if (unknown === undefined) throw cause;
    const message = `expected only packages of the suite in bundle.yaml, found ${unknown}; correct its name`;
    throw new BundleError('BUNDLE_PACKAGE_UNKNOWN', message, { cause });
  }
}

/** `name=version`, of the name that apt gives to a downloaded file. */
function nameAndVersion(file: string): string {
  const [name = '', version = ''] = file.split('_');
  return `${name}=${decodeURIComponent(version)}`;
}

function fieldsOf(stanza: string): Record<string, string> {
  return Object.fromEntries(
    [...stanza.matchAll(/^([A-Za-z0-9-]+): (.*)$/gm)].map(([, key, value]) => [key, value]),
  );
}

/** The same version may lie in both archives, as the same file or not: the address decides. */
function chosenOf(uri: string, mirror: Mirror, stanzas: readonly Stanza[]): Chosen {
  for (const archive of ['debian', 'security'] as const) {
    const base = mirror[archive];
    const found = stanzas.find(
      ({ Filename }) => base !== undefined && decodeURIComponent(uri) === addressOf(base, Filename),
    );
    if (!found) continue;
    const { Package: name, Version: version, Architecture: architecture, SHA256: sha256 } = found;
    return { name, version, architecture, archive, path: found.Filename, size: found.Size, sha256 };
  }
  throw new BundleError('BUNDLE_PROGRAM_FAILED', `apt offers ${uri} and shows no such file`);
}

/** Where a file of an archive lies. */
export function addressOf(base: string, path: string): string {
  return `${base.replace(/\/$/, '')}/${path}`;
}
