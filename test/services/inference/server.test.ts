import { inference, LONGEST_SILENCE_SECONDS, methods } from '@physiclaw/contracts';
import { Config } from '@physiclaw/machine';
import { expect, test } from 'vitest';
import { startHouse } from './house.ts';
import { allOf, person, request, scripted } from './workshop.ts';

const { generate, list, none, use } = inference.calls;

test('over its socket a server is added, asked, listed and taken away', async () => {
  const { as, events } = await startHouse();
  const [gateway, agent, server] = [await as('gateway'), await as('agent'), await scripted()];
  server.answer = () => ({ next: 'go' });
  const { backend } = await gateway.ask(use, { url: server.url, person });
  const { last } = await allOf(agent.follow(generate, request));

  expect(backend.model).toBe('scripted');
  expect(last).toMatchObject({ type: 'done', value: { next: 'go' } });
  expect((await agent.ask(list, {})).backends).toEqual([backend]);
  expect(await gateway.ask(none, { person })).toEqual({ removed: backend });
  expect(events.map(({ kind }) => kind)).toEqual(['model', 'traffic', 'model']);
});

test('each refusal reaches the caller by its code', async () => {
  const { as } = await startHouse();
  const [gateway, agent, server] = [await as('gateway'), await as('agent'), await scripted()];
  const using = (url: string, model?: string) =>
    gateway.ask(use, { url, person, ...(model !== undefined && { model }) });

  await expect(allOf(agent.follow(generate, request))).rejects.toMatchObject({
    code: 'MODEL_REQUIRED',
  });
  await expect(using('ftp://x')).rejects.toMatchObject({ code: 'INFERENCE_URL_INVALID' });
  await expect(using('unix:/nowhere')).rejects.toMatchObject({ code: 'INFERENCE_PROBE_FAILED' });
  await expect(using(server.url, 'other')).rejects.toMatchObject({
    code: 'INFERENCE_MODEL_UNKNOWN',
  });
});

test('whoever adds a server waits longer than the slowest may take that is allowed', () => {
  const longest = 2 * LONGEST_SILENCE_SECONDS * 1000;
  const settings = { inference: { silenceSeconds: LONGEST_SILENCE_SECONDS + 1 } };

  expect(Config.safeParse(settings).success).toBe(false);
  expect(use.patienceMs).toBeGreaterThan(longest);
  expect(methods.modelUse.patienceMs).toBeGreaterThan(use.patienceMs);
});

test('a caller that goes away while a server is looked at leaves all as it was', async () => {
  const { as, events } = await startHouse({ silenceSeconds: 30 });
  const [gateway, server] = [await as('gateway'), await scripted()];
  server.fault = 'slow';
  const leaving = new AbortController();
  const using = gateway.ask(use, { url: server.url, person }, { signal: leaving.signal });
  await expect.poll(() => server.open()).toBe(1);
  leaving.abort();

  await expect(using).rejects.toBeInstanceOf(Error);
  await expect.poll(() => server.open()).toBe(0);
  expect((await gateway.ask(list, {})).backends).toEqual([]);
  expect(events).toEqual([]);
});

test('a caller that goes away ends what it asked for', async () => {
  const { as, events } = await startHouse();
  const [gateway, agent, server] = [await as('gateway'), await as('agent'), await scripted()];
  await gateway.ask(use, { url: server.url, person });
  server.fault = 'slow';
  const leaving = new AbortController();
  const answered = allOf(agent.follow(generate, request, { signal: leaving.signal }));
  await expect.poll(() => server.open()).toBe(1);
  leaving.abort();

  await expect(answered).rejects.toBeInstanceOf(Error);
  await expect.poll(() => server.open()).toBe(0);
  const finish = 'INFERENCE_CALLER_GONE';
  await expect.poll(() => events.at(-1)).toMatchObject({ kind: 'traffic', finish });
});
