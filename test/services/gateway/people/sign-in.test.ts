import { policy } from '@physiclaw/contracts';
import { ApplianceError, type Peer } from '@physiclaw/platform';
import { generateSeed, signerFromSeed, signStatement } from '@physiclaw/proof';
import { afterEach, expect, test, vi } from 'vitest';
import { SignIns } from '#services/gateway/people/sign-in.ts';

afterEach(() => vi.useRealTimers());

const signer = signerFromSeed(generateSeed());
const person = 'spiffe://test.internal/user/ada';
const refused = expect.objectContaining({ code: 'GATEWAY_SIGN_IN_REFUSED' });

/** Policy as the sign-in sees it: it knows one key and one token. */
const peer: Pick<Peer, 'ask'> = {
  ask: async (call, question) => {
    await Promise.resolve();
    if (call.name === policy.calls.signIn.name) {
      return call.reply.parse({ person, name: 'ada', scopes: ['read', 'ask'] });
    }
    const { token } = policy.calls.checkToken.request.parse(question);
    if (token !== 'pclw_t_0123456789abcdefgh') {
      throw new ApplianceError('POLICY_TOKEN_UNKNOWN', 401, 'unknown');
    }
    return call.reply.parse({ id: 'k1', person, scopes: ['read'] });
  },
};

function signed(nonce: string) {
  const key = signer.did;
  const type = 'physiclaw/sign-in/v1' as const;
  return signStatement({ type, trustDomain: 'test.internal', nonce, key }, signer);
}

test('a signed nonce becomes a credential of the person that policy names', async () => {
  const signIns = new SignIns(peer);
  const { credential } = await signIns.signIn(signed(signIns.nonce()));

  const caller = await signIns.callerOf(`Bearer ${credential}`);

  expect(caller).toMatchObject({ person, scopes: new Set(['read', 'ask']) });
  expect(caller?.until).toBeGreaterThan(performance.now() + 3_590_000);
});

test('a sign-in that was ended is good for nothing, and another one of the person stays', async () => {
  const signIns = new SignIns(peer);
  const [first, other] = await Promise.all([
    signIns.signIn(signed(signIns.nonce())),
    signIns.signIn(signed(signIns.nonce())),
  ]);
  const caller = await signIns.callerOf(`Bearer ${first.credential}`);
  if (caller) signIns.end(caller);

  await expect(signIns.callerOf(`Bearer ${first.credential}`)).rejects.toEqual(refused);
  expect(await signIns.callerOf(`Bearer ${other.credential}`)).toMatchObject({ person });
});

test('a nonce is good once', async () => {
  const signIns = new SignIns(peer);
  const statement = signed(signIns.nonce());
  await signIns.signIn(statement);

  await expect(signIns.signIn(statement)).rejects.toEqual(refused);
});

test('a nonce that was not given here is refused', async () => {
  const stranger = signed(Buffer.alloc(32, 1).toString('base64'));

  await expect(new SignIns(peer).signIn(stranger)).rejects.toEqual(refused);
});

test('a nonce is good for a minute, a credential for an hour', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const signIns = new SignIns(peer);
  const late = signed(signIns.nonce());
  const { credential } = await signIns.signIn(signed(signIns.nonce()));
  vi.advanceTimersByTime(60_001);
  await expect(signIns.signIn(late)).rejects.toEqual(refused);
  expect(await signIns.callerOf(`Bearer ${credential}`)).toMatchObject({ person });
  vi.advanceTimersByTime(3_600_000);

  await expect(signIns.callerOf(`Bearer ${credential}`)).rejects.toEqual(refused);
});

test('whoever asks for nonces without end pushes out the oldest, not the newest', async () => {
  const signIns = new SignIns(peer);
  const first = signed(signIns.nonce());
  for (let n = 0; n < 1100; n += 1) signIns.nonce();
  const last = signed(signIns.nonce());

  await expect(signIns.signIn(first)).rejects.toEqual(refused);
  await expect(signIns.signIn(last)).resolves.toBeDefined();
});

test('a token is what policy says that it is', async () => {
  const caller = await new SignIns(peer).callerOf('Bearer pclw_t_0123456789abcdefgh');

  expect(caller).toEqual({ person, scopes: new Set(['read']) });
});

test.each(['pclw_t_0123456789abcdefgh', 'Basic QWxhZGRpbg==', 'Bearer short', 'Bearer a b'])(
  '"%s" is no way to sign in',
  async (authorization) => {
    await expect(new SignIns(peer).callerOf(authorization)).rejects.toEqual(refused);
  },
);

test.each(['pclw_t_revokedrevoked1234', `pclw_s_${'A'.repeat(43)}`])(
  'the unknown credential %s is refused',
  async (credential) => {
    await expect(new SignIns(peer).callerOf(`Bearer ${credential}`)).rejects.toEqual(refused);
  },
);

const away = () => Promise.reject(new ApplianceError('PEER_UNREACHABLE', 503, 'away'));

test('policy being away is not a refusal', async () => {
  await expect(
    new SignIns({ ask: away }).callerOf('Bearer pclw_t_0123456789abcdefgh'),
  ).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
});

test('without a header nobody is signed in', async () => {
  expect(await new SignIns(peer).callerOf(undefined)).toBeUndefined();
});
