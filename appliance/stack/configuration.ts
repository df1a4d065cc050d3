import { existsSync, readFileSync } from 'node:fs';
import { type Config, parseConfig, withPort } from '@physiclaw/machine';
import { writeDurable } from '@physiclaw/platform';
import { refuseBusyPort } from './busy-port.ts';
import { maskedPaths } from './masked.ts';
import type { Places } from './places.ts';

const INITIAL =
  '# Physiclaw. Every key with its default and unit: appliance/machine/config.schema.json\n';

/**
 * Reads the configuration, made where there is none, with this port written into it. Nothing is
 * written when the port cannot be had.
 *
 * @throws ConfigError that names each fault of the file.
 * @throws StackError STACK_PORT_BUSY
 */
export async function readConfiguration(places: Places, port?: number): Promise<Config> {
  const { config, home, run } = places;
  const before = existsSync(config) ? readFileSync(config, 'utf8') : undefined;
  const text = before ?? INITIAL;
  const wanted = port === undefined ? text : withPort(text, config, port);
  const parsed = parseConfig(wanted, config, { masked: maskedPaths([home, run]) });
  await refuseBusyPort(parsed.gateway.port);
  if (wanted !== before) await writeDurable(config, wanted, { mode: 0o644 });
  return parsed;
}
