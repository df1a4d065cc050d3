import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors.ts';

/**
 * Refuses what did not come to this machine by a name of its own: a page of another site that
 * reaches loopback by its own name (DNS rebinding), or that posts from its own origin.
 *
 * @throws GatewayError GATEWAY_HOST_REFUSED, GATEWAY_ORIGIN_REFUSED
 */
export function admitHost({ host, origin }: IncomingHttpHeaders, port: number): void {
  const names = ['localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${port}`);
  if (host === undefined || !names.includes(host.toLowerCase())) {
    throw new GatewayError(
      'GATEWAY_HOST_REFUSED',
      `expected Host ${names.join(', ')}, found ${JSON.stringify(host ?? '')}`,
    );
  }
  if (origin === undefined || origin === `http://${host}`) return;
  throw new GatewayError('GATEWAY_ORIGIN_REFUSED', `expected Origin http://${host}, found another`);
}
