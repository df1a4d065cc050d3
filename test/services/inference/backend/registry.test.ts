import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { digestOf } from '@physiclaw/proof';
import { expect, onTestFinished, test } from 'vitest';
import { Registry } from '#services/inference/backend/registry.ts';
import { createAuthority } from '#test/appliance/platform/authority.ts';
import { makeWorkshop, person } from '../workshop.ts';

test('without a server the command that adds one is named', async () => {
  const { registry } = await makeWorkshop();

  expect(() => registry.required()).toThrow(
    expect.objectContaining({
      code: 'MODEL_REQUIRED',
      message: expect.stringContaining('physiclaw model use'),
    }),
  );
});

test('a server that answers is used, recorded, and remembered by its owner alone', async () => {
  const { registry, server, log, path } = await makeWorkshop();
  const backend = await registry.use({ url: server.url, person });
  const after = new Registry({ log, path, silenceMs: 300 });

  expect(backend).toMatchObject({ model: 'scripted', url: server.url });
  expect(log.events).toEqual([
    { kind: 'model', verb: 'used', model: 'scripted', url: digestOf(server.url), person },
  ]);
  expect(after.backends).toEqual([backend]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a model that the server does not have is not used', async () => {
  const { registry, server, log } = await makeWorkshop();
  const using = registry.use({ url: server.url, model: 'other', person });

  await expect(using).rejects.toMatchObject({
    code: 'INFERENCE_MODEL_UNKNOWN',
    message: expect.stringContaining('scripted'),
  });
  expect(log.events).toEqual([]);
});

test.each(['silent', 'status-500', 'error-in-200', 'cut', 'no-chunk'] as const)(
  'a server that lists its models and then is %s is not used',
  async (fault) => {
    const { registry, server } = await makeWorkshop();
    server.fault = fault;

    await expect(registry.use({ url: server.url, person })).rejects.toMatchObject({
      code: 'INFERENCE_PROBE_FAILED',
      message: expect.not.stringContaining('deadbeef'),
    });
    expect(registry.backends).toEqual([]);
  },
);

test('a server that is not there, or is no model server, is not used', async () => {
  const { registry } = await makeWorkshop();
  const other = createServer((_request, response) => void response.end('{"data": "none"}'));
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  for (const url of ['http://127.0.0.1:9/v1', `http://127.0.0.1:${port}/v1`, 'unix:/nowhere.sock'])
    await expect(registry.use({ url, person })).rejects.toMatchObject({
      code: 'INFERENCE_PROBE_FAILED',
    });
});

test('a redirect is not followed', async () => {
  const { registry, server } = await makeWorkshop();
  const other = createServer((_request, response) => {
    response.writeHead(302, { location: `${server.url}/models` }).end();
  });
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  await expect(registry.use({ url: `http://127.0.0.1:${port}/v1`, person })).rejects.toMatchObject({
    code: 'INFERENCE_PROBE_FAILED',
  });
});

test('a server is not used after whoever added it went away', async () => {
  const { server, log, path } = await makeWorkshop();
  const registry = new Registry({ log, path, silenceMs: 30_000 });
  server.fault = 'slow';
  const leaving = new AbortController();
  const using = registry.use({ url: server.url, person }, { signal: leaving.signal });
  await expect.poll(() => server.open()).toBe(1);
  leaving.abort();

  await expect(using).rejects.toMatchObject({ code: 'INFERENCE_PROBE_FAILED' });
  await expect.poll(() => server.open()).toBe(0);
  expect(registry.backends).toEqual([]);
  expect(log.events).toEqual([]);
});

test('a certificate that nobody vouches for is named as what it is', async () => {
  const { registry } = await makeWorkshop();
  const { cert, key } = await (await createAuthority('model.internal')).issue('model');
  const other = createSecureServer({ cert, key });
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  await expect(registry.use({ url: `https://127.0.0.1:${port}/v1`, person })).rejects.toMatchObject(
    {
      code: 'INFERENCE_PROBE_FAILED',
      message: expect.stringMatching(/expected a certificate .*, found [A-Z_]*(CERT|SIGNATURE)/),
    },
  );
});

test('a change that the log cannot take does not happen', async () => {
  const { registry, server, log } = await makeWorkshop();
  await registry.use({ url: server.url, person });
  log.isAway = true;

  await expect(registry.none(person)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  expect(registry.backends).toHaveLength(1);
});

test('a server that is taken away is gone, and only once', async () => {
  const { registry, server, log, path } = await makeWorkshop();
  await registry.use({ url: server.url, person });

  expect(await registry.none(person)).toMatchObject({ model: 'scripted' });
  expect(await registry.none(person)).toBeUndefined();
  expect(log.kinds()).toEqual(['model', 'model']);
  expect(readFileSync(path, 'utf8')).toBe('null');
});
