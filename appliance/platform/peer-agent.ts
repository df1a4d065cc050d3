import { Agent } from 'node:https';
import { createSecureContext, type PeerCertificate } from 'node:tls';
import type { Svid, SvidSource } from './svid.ts';

/**
 * Keeps connections to one service, each opened with the SVID that is the latest: after a renewal,
 * or once the service's own certificate ran out, those that stand are used for nothing new.
 */
export class PeerAgent implements Disposable {
  readonly #expected: string;
  readonly #svid: SvidSource;
  readonly #renewal: Disposable;
  #agent: Agent | undefined;
  #peerValidTo = Infinity;
  #disposed = false;

  constructor(expected: string, svid: SvidSource) {
    this.#expected = `URI:${expected}`;
    this.#svid = svid;
    this.#renewal = svid.onChange(() => this.#retire());
  }

  /** The agent for the next request; asked each time. @throws Error once this was disposed. */
  current(): Agent | Promise<Agent> {
    if (this.#disposed) throw new Error('the peer was let go of');
    if (Date.now() >= this.#peerValidTo) this.#retire();
    if (this.#agent) return this.#agent;
    const svid = this.#svid.current();
    return svid instanceof Promise ? svid.then(() => this.current()) : this.#renew(svid);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#renewal[Symbol.dispose]();
    this.#agent?.destroy();
  }

  #renew({ cert, key, ca }: Svid): Agent {
    this.#peerValidTo = Infinity;
    this.#agent = new Agent({
      // One context for all connections: a key is parsed once, not at each connection.
      secureContext: createSecureContext({ cert, key, ca, minVersion: 'TLSv1.3' }),
      rejectUnauthorized: true,
      keepAlive: true,
      // A resumed session would skip the certificate, so an expired SVID would live on.
      maxCachedSessions: 0,
      servername: '',
      checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
        this.#check(certificate),
    });
    return this.#agent;
  }

  #check({ subjectaltname, valid_to: validTo }: PeerCertificate): Error | undefined {
    if (subjectaltname !== this.#expected) {
      return new Error(`expected ${this.#expected}, got ${subjectaltname}`);
    }
    this.#peerValidTo = Math.min(this.#peerValidTo, Date.parse(validTo));
    return undefined;
  }

  // Requests under way go on; node:https closes their connections afterwards.
  #retire(): void {
    const retired = this.#agent;
    this.#agent = undefined;
    if (!retired) return;
    Object.assign(retired, { keepAlive: false });
    for (const idle of Object.values(retired.freeSockets).flat()) idle?.destroy();
  }
}
