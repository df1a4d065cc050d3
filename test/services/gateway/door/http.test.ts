import { once } from 'node:events';
import { connect } from 'node:net';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { generateSeed, signerFromSeed, signStatement } from '@physiclaw/proof';
import { describe, expect, test } from 'vitest';
import { createAuthority } from '#test/appliance/platform/authority.ts';
import { freePort } from '#test/e2e/stack.ts';
import { checkToken, startHouse, tokenOf, trustDomain } from '../house.ts';

const signer = signerFromSeed(generateSeed());
const person = `spiffe://${trustDomain}/user/ada`;
const policy = {
  checkToken,
  signIn: () => ({ person, name: 'Ada', scopes: ['read'] }),
  enrol: () => ({ state: 'enrolled', person }),
};

describe('what a page can ask before anybody signed in', () => {
  test('is the greeting, and a sign-in', async () => {
    const { http } = await startHouse({ policy });
    const { nonce } = JSON.parse((await http('/api/hello', { body: {} })).text);
    const type = 'physiclaw/sign-in/v1' as const;
    const body = signStatement({ type, trustDomain, nonce, key: signer.did }, signer);
    const told = JSON.parse((await http('/api/signIn', { body })).text);

    expect(told).toMatchObject({ person, name: 'Ada', scopes: ['read'] });
    expect(told.credential).toMatch(/^pclw_s_/);
  });

  test('is an enrolment, which policy judges', async () => {
    const { http } = await startHouse({ policy });
    const statement = { type: 'physiclaw/enrolment/v1', trustDomain, key: signer.did } as const;
    const body = { name: 'Ada', signed: signStatement(statement, signer) };

    expect(JSON.parse((await http('/api/enrol', { body })).text)).toMatchObject({ person });
    expect((await http('/api/enrol', { body: { name: '' } })).text).toContain('BAD_REQUEST');
  });

  test.each(['status', 'approve', 'kill', 'tokenCreate', 'nonsense'])(
    'is not %s, whatever token comes with it',
    async (name) => {
      const { http } = await startHouse({ policy });
      const authorization = `Bearer ${tokenOf('ada', 'read', 'approve', 'operate', 'admin')}`;
      const { status, text: said } = await http(`/api/${name}`, {
        body: {},
        headers: { authorization },
      });

      expect(status).toBe(404);
      expect(said).toContain('GATEWAY_METHOD_UNKNOWN');
    },
  );

  test('is not had by a page of another site', async () => {
    const { http } = await startHouse({ policy });
    const headers = { origin: 'https://evil.example' };

    expect((await http('/api/hello', { body: {}, headers })).text).toContain(
      'GATEWAY_ORIGIN_REFUSED',
    );
  });

  test('is asked no faster than others can bear', async () => {
    const { http } = await startHouse({ policy });
    const asked = await Promise.all(
      Array.from({ length: 80 }, () => http('/api/hello', { body: {} })),
    );

    expect(asked.map(({ status }) => status)).toContain(429);
  });
});

const digest = 'ab'.repeat(32);
const answering = {
  policy: {
    ...policy,
    status: () => ({
      mode: 'solo',
      preset: 'balanced',
      policy: digest,
      gate: true,
      pending: 0,
      journaled: 0,
    }),
  },
  tools: {
    status: () => ({ driver: 'd', limiter: 'l', running: 0, leased: true, mounts: [] }),
  },
  agent: { abilities: () => ({ planner: 'runbook', runbooks: [] }) },
  inference: { list: () => ({ backends: [] }) },
  identity: { status: () => ({ bundle: '', issued: 0, journaled: 0 }) },
};

describe('who watches over the machine', () => {
  const headers = { authorization: `Bearer ${tokenOf('ada', 'read')}` };

  test('is told that it does, where every service answers', async () => {
    const { http, call } = await startHouse(answering);
    const { status, text: said } = await http('/healthz');
    const told = JSON.parse((await call('health', {}, tokenOf('ada', 'read'))).text);

    expect([status, said]).toEqual([200, '{"status":"ok"}']);
    expect(told).toMatchObject({ ok: true });
  });

  test('is told that it does not, where one is silent', async () => {
    const { identity: _silent, ...others } = answering;
    const { http, call } = await startHouse(others);
    const { status, text: said } = await http('/healthz');
    const told = JSON.parse((await call('health', {}, tokenOf('ada', 'read'))).text);

    expect([status, said]).toEqual([503, '{"status":"failing"}']);
    expect(told).toMatchObject({ ok: false });
  });

  test('reads what a service counts, by its name and with the scope to read', async () => {
    const { http } = await startHouse(answering);
    await http('/healthz');
    const { text: said } = await http('/metrics/policy', { headers });
    const asker = { authorization: `Bearer ${tokenOf('ada', 'ask')}` };

    expect(said).toContain('physiclaw_calls_total{call="status",outcome="ok"} 1');
    expect((await http('/metrics/policy', { headers: asker })).text).toContain(
      'GATEWAY_SCOPE_MISSING',
    );
    expect((await http('/metrics/policy')).text).toContain('GATEWAY_SIGN_IN_REQUIRED');
    expect((await http('/metrics/nonsense', { headers })).text).toContain('GATEWAY_METHOD_UNKNOWN');
  });
});

describe('beyond loopback', () => {
  const settings = { listen: 'all' as const, hosts: ['box.plant.internal'] };

  test('nothing is said in clear: without a certificate the gateway does not start', async () => {
    await expect(startHouse({ policy }, { settings })).rejects.toMatchObject({
      code: 'GATEWAY_CERTIFICATE_MISSING',
    });
  });

  test('the console is there over TLS 1.3, by the names that it was given', async () => {
    const authority = await createAuthority(trustDomain);
    const tls = await authority.issue('box', {
      names: [{ type: 'dns', value: 'box.plant.internal' }],
    });
    const port = await freePort();
    await startHouse({ policy }, { settings, tls, port, files: { 'index.html': 'hello' } });
    const ask = async (host: string, origin = `https://${host}`) => {
      const call = request({
        host: '127.0.0.1',
        port,
        ca: authority.ca,
        servername: 'box.plant.internal',
        headers: { host, origin },
      }).end();
      const [response] = await once(call, 'response');
      return text(response);
    };

    expect(await ask(`box.plant.internal:${port}`)).toBe('hello');
    expect(await ask(`other.internal:${port}`)).toContain('GATEWAY_HOST_REFUSED');
    expect(await ask(`box.plant.internal:${port}`, `http://box.plant.internal:${port}`)).toContain(
      'GATEWAY_ORIGIN_REFUSED',
    );
    const clear = connect(port, '127.0.0.1').end('GET / HTTP/1.1\r\n\r\n');
    expect(await text(clear)).not.toContain('hello');
  });
});
