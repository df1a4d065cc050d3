import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors.ts';

/** By what names this door is reached. */
export interface Address {
  readonly port: number;
  /** Names and addresses beside those of loopback. */
  readonly hosts: readonly string[];
  readonly isSecure: boolean;
}

/**
 * Refuses what did not come to this machine by a name of its own: a page of another site that
 * reaches it by its own name (DNS rebinding), or that posts from its own origin.
 *
 * @throws GatewayError GATEWAY_HOST_REFUSED, GATEWAY_ORIGIN_REFUSED
 */
export function admitHost(
  { host, origin }: IncomingHttpHeaders,
  { port, hosts, isSecure }: Address,
): void {
  const own = ['localhost', '127.0.0.1', '[::1]', ...hosts];
  const names = own.map((name) => `${name}:${port}`);
  if (host === undefined || !names.includes(host.toLowerCase())) {
    throw new GatewayError(
      'GATEWAY_HOST_REFUSED',
      `expected Host ${names.join(', ')}, found ${JSON.stringify(host ?? '')}`,
    );
  }
  const page = `${isSecure ? 'https' : 'http'}://${host}`;
  if (origin === undefined || origin === page) return;
  throw new GatewayError('GATEWAY_ORIGIN_REFUSED', `expected Origin ${page}, found another`);
}
