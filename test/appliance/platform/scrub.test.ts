import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { scrub } from '@physiclaw/platform';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

const seed = randomBytes(32).toString('base64');
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl';
const token = `pclw_${randomBytes(24).toString('base64url')}`;

const text = (value: unknown) => JSON.stringify(scrub(value));

test.each([
  ['a private key', { note: `before ${pem} after` }, pem.split('\n')[1]],
  ['a private key as JSON in a string', { note: JSON.stringify({ pem }) }, pem.split('\n')[1]],
  ['a private key that was cut', { note: pem.slice(0, 90) }, pem.split('\n')[1]?.slice(0, 30)],
  ['a bearer', { header: 'authorisation was Bearer abc.def-123' }, 'abc.def-123'],
  ['a token of ours', { url: `http://x/${token}` }, token],
  ['a token of ours as a name', { [token]: 1 }, token],
  ['a JSON web token', { note: `got ${jwt}.` }, 'c2lnbmF0dXJl'],
  ['a seed under a key', { signingKey: seed }, seed],
  ['a seed under a nested key', { a: [{ log_key: seed }] }, seed],
  ['a seed in a list under keys', { keys: [seed] }, seed],
  ['a seed in a string', { note: `log-key: ${seed} was bad` }, seed],
  ['a password', { password: 'hunter2' }, 'hunter2'],
  ['a password with a comma', { body: '{"password":"hunter,2"}' }, 'hunter'],
  ['a password with a quote', { body: String.raw`{"password":"hun\"ter2"}` }, 'ter2'],
  ['a password in JSON in JSON', { body: JSON.stringify('{"password":"hunter 2"}') }, 'hunter'],
  ['a password in an address', { url: 'https://me:hunter2@host/path' }, 'hunter2'],
  ['a password in a query', { url: '/login?password=hunter2&next=1' }, 'hunter2'],
  ['a client secret', { clientSecret: 'hunter2' }, 'hunter2'],
  ['a header', { headers: { Authorization: 'Basic aHVudGVyMg==' } }, 'aHVudGVyMg'],
  ['a header in a string', { note: 'authorization: Basic aHVudGVyMg==' }, 'aHVudGVyMg'],
  ['a credential', { credential: 'hunter2' }, 'hunter2'],
  ['an access token', { accessToken: 'hunter2' }, 'hunter2'],
  ['bytes', { note: Buffer.from('hunter2') }, '104'],
  ['an error', new Error(`no ${token}`), token],
  ['the cause of an error', new Error('x', { cause: new Error(`no ${token}`) }), token],
  ['a field of an error', Object.assign(new Error('x'), { apiKey: seed }), seed],
  ['a map', new Map([['password', 'hunter2']]), 'hunter2'],
  ['a set', { notes: new Set([token]) }, token],
  ['a URL', { to: new URL('https://me:hunter2@host/') }, 'hunter2'],
])('%s does not pass', (_what, value, secret) => {
  expect(secret).toBeTruthy();
  expect(text(value)).not.toContain(secret);
});

test.each([
  [{ publicKey: seed }],
  [{ key: 'gateway.port' }],
  [{ key: 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK' }],
  [{ tokensPerSession: 5000, tokens: 7 }],
  [{ tokenId: 't-1', digest: randomBytes(32).toString('hex') }],
  [{ message: 'expected a relative path' }],
  [{ cert: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n' }],
  [[null, true, 1.5, '', {}]],
])('%j passes as it is', (value) => {
  expect(scrub(value)).toEqual(value);
});

test('an error keeps what helps: type, message, code and cause', () => {
  const cause = Object.assign(new Error('no room'), { code: 'ENOSPC' });

  expect(scrub(new TypeError('cannot write', { cause }))).toMatchObject({
    type: 'TypeError',
    message: 'cannot write',
    stack: expect.stringContaining('scrub.test'),
    cause: { message: 'no room', code: 'ENOSPC' },
  });
});

test('a cycle ends, and what stands twice stays twice', () => {
  const twice = { a: 1 };
  const value: Record<string, unknown> = { first: twice, second: twice };
  value['self'] = value;

  expect(scrub(value)).toEqual({ first: twice, second: twice, self: '[circular]' });
});

test('the causes of an error may form a cycle', () => {
  const error = new Error('x');
  error.cause = error;

  expect(scrub(error)).toMatchObject({ cause: '[circular]' });
});

test('what JSON does not know is named', () => {
  const value = { big: 10n, call: () => 1, at: new Date(0), sign: Symbol('x') };

  expect(scrub(value)).toEqual({
    big: '10',
    call: '[function]',
    at: '1970-01-01T00:00:00.000Z',
    sign: '[symbol]',
  });
});

test('a name like __proto__ is data', () => {
  const value: unknown = JSON.parse('{"__proto__":{"password":"hunter2"}}');

  expect(text(value)).toBe('{"__proto__":{"password":"[secret]"}}');
});

const secrets = fc.oneof(
  fc.constant(pem),
  fc.constant(jwt),
  fc
    .uint8Array({ minLength: 16, maxLength: 48 })
    .map((bytes) => `pclw_${Buffer.from(bytes).toString('base64url')}`),
  fc
    .uint8Array({ minLength: 8, maxLength: 48 })
    .map((bytes) => `Bearer ${Buffer.from(bytes).toString('base64')}`),
);
const core = (secret: string) =>
  secret.replace('Bearer ', '').split('\n').at(1) ?? secret.replace('Bearer ', '');

test('no secret passes, however deep it lies and whatever stands around it', () => {
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'medium' },
      fc.tuple(fc.string(), secrets).map(([before, secret]) => `${before} ${secret} after`),
      fc.dictionary(fc.string(), tie('tree'), { minKeys: 1 }),
      fc.array(tie('tree'), { minLength: 1 }),
      tie('tree').map((value) => new Error('x', { cause: value })),
      tie('tree').map((value) => JSON.stringify(scrubless(value))),
    ),
  }));
  fc.assert(
    fc.property(secrets, tree, (secret, value) => {
      const written = text([`x ${secret}`, value]);
      expect(written).not.toContain(core(secret));
      expect(written).not.toMatch(/pclw_\w|eyJ\w+\.|PRIVATE KEY|Bearer (?!\[secret\])/);
    }),
    { numRuns: 150 },
  );
});

test('a value under the name of a secret does not pass, whatever it is', () => {
  const names = fc.constantFrom('password', 'clientSecret', 'api_token', 'Authorization', 'seed');
  const value = fc.string({ minLength: 6 }).filter((word) => !'[secret]'.includes(word));
  fc.assert(
    fc.property(names, value, (name, secret) => {
      expect(scrub({ deep: [{ [name]: secret }] })).toEqual({ deep: [{ [name]: '[secret]' }] });
      const nested = String(scrub(JSON.stringify({ [name]: secret })));
      expect(JSON.parse(nested)).toEqual({ [name]: '[secret]' });
    }),
  );
});

const words = [
  'password',
  ' token ',
  ':',
  '=',
  '"',
  "'",
  '\\',
  'Bearer',
  'authorization',
  'x',
  ',',
];
const assignments = fc.array(fc.constantFrom(...words)).map((parts) => parts.join(''));

test('what was scrubbed once stays as it is', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), secrets, assignments, fc.string()), (value) => {
      const once = scrub(value);
      expect(scrub(once)).toEqual(once);
    }),
  );
});

function scrubless(value: unknown): unknown {
  return value instanceof Error ? { cause: scrubless(value.cause) } : value;
}
