/** Where the receiver is and what it speaks; always inside TLS. */
export interface Address {
  readonly protocol: 'relp' | 'tls';
  readonly host: string;
  readonly port: number;
}

/** Reads `relp://host:port` or `tls://host:port`, as the configuration has checked it. */
export function addressOf(destination: string): Address {
  const { protocol, hostname, port } = new URL(destination);
  return {
    protocol: protocol === 'relp:' ? 'relp' : 'tls',
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port),
  };
}
