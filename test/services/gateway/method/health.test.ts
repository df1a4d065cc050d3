import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { HealthWatch, type Status } from '#services/gateway/method/health.ts';

const tools = { driver: 'd', limiter: 'l', running: 0, leased: true, mounts: [] };

test.each<[string, Pick<Status, 'silent' | 'tools'>, boolean]>([
  ['all answer', { silent: {}, tools }, true],
  ['one is silent', { silent: { policy: 'PEER_SILENT' }, tools }, false],
  ['no sandbox can be made', { silent: {}, tools: { ...tools, missing: 'no bwrap' } }, false],
])('where %s the machine does as it should or not', async (_what, status, ok) => {
  const watch = new HealthWatch(() => sleep(20, status));
  const told = await watch.look();

  expect(told.ok).toBe(ok);
  expect(told.durationMs).toBeGreaterThanOrEqual(15);
});

test('one look serves all who ask at once, and who asks later is told anew', async () => {
  let looks = 0;
  const status = () => {
    looks += 1;
    return sleep(5, { silent: looks === 1 ? {} : { audit: 'PEER_SILENT' }, tools });
  };
  const watch = new HealthWatch(status, 20);
  await Promise.all(Array.from({ length: 20 }, () => watch.look()));
  expect(looks).toBe(1);
  await sleep(50);

  expect(await watch.look()).toMatchObject({ ok: false });
});
