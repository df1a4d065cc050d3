import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export const cache =
  process.env['PHYSICLAW_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'physiclaw');

const tools = join(cache, 'tools/current');

/** What `make bundle` left. */
export const made = {
  bundle: resolve(globSync('out/bundle/*.bundle')[0] ?? 'out/bundle/none: run make bundle'),
  key: resolve('out/bundle/bundle.pub'),
  cosign: join(tools, 'usr/bin/cosign'),
};

// Nothing leads out of it, not even to the machine itself.
const OFFLINE = ['/usr/bin/unshare', '--map-root-user', '--net', '--'] as const;

/** Runs a program without any network, and says what it printed. */
export function offline(program: string, args: readonly string[]): { code: number; said: string } {
  const [unshare, ...flags] = OFFLINE;
  const { status, stdout, stderr, error } = spawnSync(unshare, [...flags, program, ...args], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (error) throw error;
  return { code: status ?? -1, said: `${stdout}${stderr}` };
}

/** The version of a package in the root folder of tools. */
export function versionOf(name: string): string {
  const status = readFileSync(join(tools, 'var/lib/dpkg/status'), 'utf8');
  const stanza = status.split('\n\n').find((text) => text.startsWith(`Package: ${name}\n`)) ?? '';
  return /^Version: (.*)$/m.exec(stanza)?.[1] ?? 'none';
}

/** One member of the archive, taken out by Debian's tar. */
export function member(name: string): Buffer {
  return execFileSync('/usr/bin/tar', ['--occurrence=1', '-xOf', made.bundle, name], {
    maxBuffer: 64 << 20,
  });
}
