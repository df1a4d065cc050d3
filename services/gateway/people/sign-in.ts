import { createHash, randomBytes } from 'node:crypto';
import { type methods, policy, type SignedSignIn, type SpiffeId } from '@physiclaw/contracts';
import type { Peer } from '@physiclaw/platform';
import type { z } from 'zod';
import type { Caller } from '../desk/desk.ts';
import { GatewayError } from '../errors.ts';

const NONCE_MS = 60_000;
const CREDENTIAL_MS = 3_600_000;
/** More open nonces than this mean that somebody asks and never signs. */
const MOST_NONCES = 1024;
const PREFIX = 'pclw_s_';

type SignedIn = Caller & { readonly until: number };

/**
 * Who is signed in. Credentials are 256 random bits, kept as their SHA-256 and in memory only: a
 * restart signs everybody out. Times are of the monotonic clock, which no one can set back.
 */
export class SignIns {
  readonly #policy: Pick<Peer, 'ask'>;
  readonly #lifetimeMs: number;
  readonly #nonces = new Map<string, number>();
  readonly #people = new Map<string, SignedIn>();

  constructor(policyPeer: Pick<Peer, 'ask'>, lifetimeMs = CREDENTIAL_MS) {
    this.#policy = policyPeer;
    this.#lifetimeMs = lifetimeMs;
  }

  nonce(): string {
    const now = performance.now();
    for (const [nonce, until] of this.#nonces) {
      if (until > now && this.#nonces.size < MOST_NONCES) break;
      this.#nonces.delete(nonce);
    }
    const nonce = randomBytes(32).toString('base64');
    this.#nonces.set(nonce, now + NONCE_MS);
    return nonce;
  }

  /**
   * Turns a signed nonce into a credential; policy checks the signature.
   *
   * @throws GatewayError GATEWAY_SIGN_IN_REFUSED when the nonce was not given here in the last
   * minute or was used; ApplianceError of policy when the key is not enrolled.
   */
  async signIn(signed: SignedSignIn): Promise<z.input<(typeof methods)['signIn']['reply']>> {
    const { nonce } = signed.statement;
    const until = this.#nonces.get(nonce);
    this.#nonces.delete(nonce);
    if (until === undefined || until <= performance.now()) {
      throw new GatewayError(
        'GATEWAY_SIGN_IN_REFUSED',
        'expected a nonce that was given here in the last minute; say hello again',
      );
    }
    const known = await this.#policy.ask(policy.calls.signIn, { nonce, signed });
    return { credential: this.#admit(known.person, new Set(known.scopes)), ...known };
  }

  /**
   * The caller behind an `Authorization` header; undefined without one.
   *
   * @throws GatewayError GATEWAY_SIGN_IN_REFUSED for one that is not, or no longer, good.
   */
  async callerOf(authorization: string | undefined): Promise<Caller | undefined> {
    if (authorization === undefined) return undefined;
    const [, token] = /^Bearer ([A-Za-z0-9_-]{20,200})$/.exec(authorization) ?? [];
    if (token === undefined) throw refused('expected "Authorization: Bearer <token>"');
    if (!token.startsWith(PREFIX)) return this.#tokenOf(token);
    const known = this.#people.get(hash(token));
    if (known && known.until > performance.now()) return known;
    throw refused('this sign-in has ended; sign in again');
  }

  /** Its credential is good for nothing after this; each connection finds out by itself, and ends. */
  end(caller: Caller): void {
    for (const [key, known] of this.#people) if (known === caller) this.#people.delete(key);
  }

  async #tokenOf(token: string): Promise<Caller> {
    try {
      const { person, scopes } = await this.#policy.ask(policy.calls.checkToken, { token });
      return { person, scopes: new Set(scopes) };
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'POLICY_TOKEN_UNKNOWN')) {
        throw cause;
      }
      throw refused('this token is unknown or revoked; `physiclaw token create` makes one', cause);
    }
  }

  #admit(person: SpiffeId, scopes: Caller['scopes']): string {
    const now = performance.now();
    for (const [key, { until }] of this.#people) if (until <= now) this.#people.delete(key);
    const credential = PREFIX + randomBytes(32).toString('base64url');
    this.#people.set(hash(credential), { person, scopes, until: now + this.#lifetimeMs });
    return credential;
  }
}

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function refused(message: string, cause?: unknown): GatewayError {
  return new GatewayError('GATEWAY_SIGN_IN_REFUSED', message, { cause });
}
