import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { SpiffeId } from '@physiclaw/contracts';

interface Named {
  readonly id: SpiffeId;
  readonly validFrom: number;
  readonly validTo: number;
}

// Parsing costs more than the rest of a small call; a connection never changes its certificate.
const known = new WeakMap<Socket, Named | 'nameless'>();

/**
 * The peer's SPIFFE ID, while its SVID is valid: a connection may outlive the certificate that
 * opened it, so validity is looked at each time.
 */
export function peerOf(socket: Socket): SpiffeId | undefined {
  const named = known.get(socket) ?? readPeer(socket);
  known.set(socket, named);
  if (named === 'nameless') return undefined;
  const now = Date.now();
  return named.validFrom <= now && now < named.validTo ? named.id : undefined;
}

function readPeer(socket: Socket): Named | 'nameless' {
  const svid = socket instanceof TLSSocket && socket.authorized && socket.getPeerX509Certificate();
  // X.509-SVID, sections 2 and 4: exactly one URI, here without any other name; a leaf is no CA.
  if (!svid || svid.ca) return 'nameless';
  const id = SpiffeId.safeParse(/^URI:([^,"]+)$/.exec(svid.subjectAltName ?? '')?.[1]).data;
  if (id === undefined) return 'nameless';
  return { id, validFrom: Date.parse(svid.validFrom), validTo: Date.parse(svid.validTo) };
}
