import { existsSync, readFileSync } from 'node:fs';
import { type Config, parseConfig, withPort } from '@physiclaw/machine';
import { writeDurable } from '@physiclaw/platform';
import { refuseBusyPort } from './busy-port.ts';
import { StackError } from './error.ts';
import { maskedPaths } from './masked.ts';
import type { Places } from './places.ts';

const INITIAL =
  '# Physiclaw. Every key with its default and unit: appliance/machine/config.schema.json\n';

/**
 * Reads the configuration, made where there is none, with this port written into it. Nothing is
 * written when the port cannot be had.
 *
 * @throws ConfigError that names each fault of the file.
 * @throws StackError STACK_CERTIFICATE_MISSING, STACK_PORT_BUSY
 */
export async function readConfiguration(places: Places, port?: number): Promise<Config> {
  const { config, home, run } = places;
  const before = existsSync(config) ? readFileSync(config, 'utf8') : undefined;
  const text = before ?? INITIAL;
  const wanted = port === undefined ? text : withPort(text, config, port);
  const parsed = parseConfig(wanted, config, { masked: maskedPaths([home, run]) });
  refuseForeignListeners(parsed, config);
  await refuseBusyPort(parsed.gateway.port);
  if (wanted !== before) await writeDurable(config, wanted, { mode: 0o644 });
  return parsed;
}

/** Beyond loopback nothing is said in clear, and the certificate for it is made at a machine's boot. */
function refuseForeignListeners({ gateway: { listen, port } }: Config, path: string): void {
  if (listen === 'loopback') return;
  throw new StackError(
    'STACK_CERTIFICATE_MISSING',
    `${path}: expected gateway.listen loopback, found ${listen}, for which only a machine has a certificate; set loopback, and reach it from elsewhere by: ssh -L ${port}:localhost:${port}`,
  );
}
