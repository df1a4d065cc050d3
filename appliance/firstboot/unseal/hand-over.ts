import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  appliancePlaces,
  type Config,
  parseConfig,
  PORT,
  RUN,
  type Slices,
  slicesOf,
} from '@physiclaw/machine';
import { writeDurable } from '@physiclaw/platform';
import type { ConsoleNames } from './console-names.ts';
import { uids } from './folders.ts';

const INITIAL = '# Physiclaw. Each key that is not set has its default.\n';

/** The configuration of this machine; made at the first boot. @throws ConfigError */
export async function readConfiguration(home: string): Promise<Config> {
  const path = join(home, 'config.yaml');
  if (!existsSync(path)) await writeDurable(path, INITIAL, { mode: 0o644 });
  return parseConfig(readFileSync(path, 'utf8'), path, appliancePlaces);
}

/**
 * What each service is handed on an appliance: its door is open to the network, over TLS, and its
 * owner can name a receiver of the log there.
 */
export function applianceSlices(config: Config, { hosts, addresses }: ConsoleNames): Slices {
  const { gateway } = config;
  const named = [...new Set([...gateway.hosts, ...hosts, ...addresses])];
  const door = { ...gateway, port: PORT, listen: 'all', hosts: named } as const;
  const siem = { ...config.siem, bySignature: true };
  return slicesOf({ ...config, gateway: door, siem }, appliancePlaces);
}

/** Writes each service its slice, which only it can read. */
export function writeSlices(slices: Slices, run: string = RUN): void {
  for (const [service, slice] of Object.entries(slices)) {
    const path = join(run, 'config', `${service}.json`);
    writeFileSync(path, JSON.stringify(slice), { mode: 0o400 });
    chownSync(path, uids.get(service) ?? 0, -1);
  }
}

/** Adds to the credentials of a service what is no root secret. */
export function giveCredentials(
  service: string,
  files: Readonly<Record<string, string>>,
  run: string = RUN,
): void {
  const folder = join(run, 'credentials', service);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text, { mode: 0o400, flag: 'wx' });
  }
}
