import { policy } from '@physiclaw/contracts';
import { ApplianceError } from '@physiclaw/platform';
import { expect, test } from 'vitest';
import { checkToken, startHouse, tokenOf, trustDomain } from '../house.ts';

const ada = tokenOf('ada', 'admin', 'read');
const reader = tokenOf('ada', 'read');
const person = `spiffe://${trustDomain}/user/ada`;
const record = {
  id: 'k-1',
  name: 'ci',
  scopes: ['read'],
  person,
  createdAt: '2026-11-21T00:00:00.000Z',
};

/** A house that keeps what policy was asked. */
async function houseOf() {
  const asked: unknown[] = [];
  const answer = (reply: unknown) => (question: unknown) => {
    asked.push(question);
    return reply;
  };
  const house = await startHouse({
    policy: {
      checkToken,
      createToken: answer({ token: 'pclw_t_secret', record }),
      tokens: answer({ tokens: [record] }),
      revokeToken: (question) => {
        const { id } = policy.calls.revokeToken.request.parse(question);
        if (id !== record.id) throw new ApplianceError('POLICY_TOKEN_UNKNOWN', 404, 'no such');
        asked.push(question);
        return { record: { ...record, revokedAt: record.createdAt } };
      },
    },
  });
  return { ...house, asked };
}

test('whoever administers sees the tokens, and no token itself', async () => {
  const { call } = await houseOf();

  expect(JSON.parse((await call('tokenList', {}, ada)).text)).toEqual({ tokens: [record] });
  expect((await call('tokenList', {}, reader)).text).toContain('GATEWAY_SCOPE_MISSING');
});

test('a token is revoked in the name of whoever signed in, whatever he says', async () => {
  const { call, asked } = await houseOf();
  const { status, text } = await call('tokenRevoke', { id: record.id }, ada);
  const forged = await call('tokenRevoke', { id: record.id, person: 'somebody' }, ada);

  expect(status).toBe(200);
  expect(JSON.parse(text).record.revokedAt).toBe(record.createdAt);
  expect(forged.text).toContain('BAD_REQUEST');
  expect(asked).toEqual([{ id: record.id, person }]);
});

test('a token that is none, or without the scope to, is not revoked', async () => {
  const { call, asked } = await houseOf();
  const none = await call('tokenRevoke', { id: 'nonsense' }, ada);
  const refused = await call('tokenRevoke', { id: record.id }, reader);

  expect([none.status, none.text]).toEqual([404, expect.stringContaining('POLICY_TOKEN_UNKNOWN')]);
  expect(refused.text).toContain('GATEWAY_SCOPE_MISSING');
  expect(asked).toEqual([]);
});

test('nobody makes a token that may do more than he may', async () => {
  const { call, asked } = await houseOf();
  const more = await call('tokenCreate', { name: 'ci', scopes: ['read', 'approve'] }, ada);
  const made = await call('tokenCreate', { name: 'ci', scopes: ['read'] }, ada);

  expect(more.text).toContain('GATEWAY_SCOPE_MISSING');
  expect(made.status).toBe(200);
  expect(asked).toEqual([{ name: 'ci', scopes: ['read'], person }]);
});
