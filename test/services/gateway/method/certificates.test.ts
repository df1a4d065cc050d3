import { type Scope, SpiffeId } from '@physiclaw/contracts';
import type { Peer } from '@physiclaw/platform';
import { expect, test } from 'vitest';
import { type Caller, Desk } from '#services/gateway/desk/desk.ts';
import { seatCertificates } from '#services/gateway/method/certificates.ts';

const person = SpiffeId.parse('spiffe://test.internal/user/p-1');
const given = { certificate: 'pem', bundle: 'pem', notAfter: '2027-02-19T00:00:00Z' };

/** One question at the door, and what identity was asked for it. */
function ask(caller: Caller, body: unknown = { request: 'AAAA' }) {
  const asked: unknown[] = [];
  const identity: Pick<Peer, 'ask'> = {
    ask: async (call, question) => {
      asked.push(question);
      await Promise.resolve();
      return call.reply.parse(given);
    },
  };
  const desk = new Desk();
  seatCertificates(desk, { identity });
  const { signal } = new AbortController();
  const reply = new Promise((done) => done(desk.run('certificate', body, caller, signal)));
  return { asked, reply };
}

const callerWith = (scope: Scope, until?: number): Caller => ({
  person,
  scopes: new Set([scope]),
  ...(until !== undefined && { until }),
});

test('whoever signed in gets one in his own name', async () => {
  const { asked, reply } = ask(callerWith('approve', 1e9));

  expect(await reply).toEqual(given);
  expect(asked).toEqual([{ person, request: 'AAAA' }]);
});

test('nobody names another person', async () => {
  const body = { request: 'AAAA', person: 'spiffe://test.internal/user/p-2' };
  const { asked, reply } = ask(callerWith('approve', 1e9), body);

  await expect(reply).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  expect(asked).toEqual([]);
});

test.each([
  ['a token', callerWith('approve'), 'GATEWAY_SIGN_IN_REQUIRED'],
  ['a sign-in that may only read', callerWith('read', 1e9), 'GATEWAY_SCOPE_MISSING'],
])('%s gets none', async (_, caller, code) => {
  const { asked, reply } = ask(caller);

  await expect(reply).rejects.toMatchObject({ code });
  expect(asked).toEqual([]);
});
