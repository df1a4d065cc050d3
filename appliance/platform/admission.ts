import type { Socket } from 'node:net';
import type { Api, SpiffeId } from '@physiclaw/contracts';
import { ApplianceError } from './error.ts';
import { peerOf } from './peer-of.ts';
import { spiffeIdOf } from './svid.ts';

/** Says whether the peer of a connection is one of `services`, by its whole SPIFFE ID. */
export type Admission = (socket: Socket) => SpiffeId;

/** @throws ApplianceError CALLER_REFUSED from the returned function for everyone else. */
export function admitting(trustDomain: string, services: Iterable<string>): Admission {
  const welcome = new Set(Array.from(services, (service) => spiffeIdOf(trustDomain, service)));
  return (socket) => {
    const peer = peerOf(socket);
    if (peer !== undefined && welcome.has(peer)) return peer;
    const who = peer ?? 'a peer without a valid SVID';
    throw new ApplianceError('CALLER_REFUSED', 403, `${who} may not call`);
  };
}

/** Everyone who may ask anything of this service, and the front door. */
export function acquaintances({ calls }: Api): Set<string> {
  return new Set(['gateway', ...Object.values(calls).flatMap(({ callers }) => callers)]);
}
