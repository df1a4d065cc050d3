import { randomBytes } from 'node:crypto';
import { type policy, Scope, type TokenRecord } from '@physiclaw/contracts';
import { digestOf } from '@physiclaw/proof';
import type { z } from 'zod';
import { demand } from '../errors.ts';
import type { Parts } from '../parts.ts';
import type { Events } from '../state/events.ts';
import { checkEnrolled } from './directory.ts';

type Calls = (typeof policy)['calls'];

/**
 * Makes a token for a program: 256 random bits, of which only the hash is kept.
 *
 * @throws PolicyError POLICY_KEY_UNKNOWN unless the person is enrolled.
 */
export async function createToken(
  { name, scopes, person }: z.output<Calls['createToken']['request']>,
  { events, log }: Parts,
): Promise<{ token: string; record: TokenRecord }> {
  checkEnrolled(person, events);
  const secret = `pclw_t_${randomBytes(32).toString('base64url')}`;
  const token = `tok-${randomBytes(8).toString('hex')}`;
  events.database.prepare('INSERT INTO token VALUES (?, ?)').run(digestOf(secret), token);
  events.setName(token, name);
  // Until the log knows it the token counts for nothing: what it may do stands there.
  await log.append({ kind: 'token', verb: 'created', token, scopes, person });
  return { token: secret, record: findToken(token, events) };
}

/** @throws PolicyError POLICY_TOKEN_UNKNOWN when there is none. */
export async function revokeToken(
  { id, person }: z.output<Calls['revokeToken']['request']>,
  { events, log }: Parts,
): Promise<{ record: TokenRecord }> {
  const { scopes, revokedAt } = findToken(id, events);
  if (revokedAt === undefined) {
    await log.append({ kind: 'token', verb: 'revoked', token: id, scopes, person });
  }
  return { record: findToken(id, events) };
}

/** @throws PolicyError POLICY_TOKEN_UNKNOWN for what is no token, or one that was revoked. */
export function checkToken(secret: string, events: Events): z.output<Calls['checkToken']['reply']> {
  const row = events.database
    .prepare<[string], { token: string }>('SELECT token FROM token WHERE hash = ?')
    .get(digestOf(secret));
  const { id, person, scopes, revokedAt } = findToken(row?.token ?? '', events);
  demand(revokedAt === undefined, 'POLICY_TOKEN_UNKNOWN', `the token ${id} was revoked`);
  return { id, person, scopes };
}

/** All tokens, the oldest first. */
export function listTokens(events: Events): TokenRecord[] {
  return events
    .all('token')
    .filter(({ event }) => event.verb === 'created')
    .toReversed()
    .map(({ event }) => findToken(event.token, events));
}

function findToken(id: string, events: Events): TokenRecord {
  // The first entry made it, the next one took it back.
  const [created, revoked] = events.all('token', id).toReversed();
  demand(created !== undefined, 'POLICY_TOKEN_UNKNOWN', 'there is no such token');
  const { scopes, person } = created.event;
  return {
    id,
    name: events.nameOf(id),
    scopes: Scope.array().parse(scopes),
    person,
    createdAt: new Date(created.time).toISOString(),
    ...(revoked && { revokedAt: new Date(revoked.time).toISOString() }),
  };
}
