import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceContext } from '@physiclaw/platform';
import { afterAll, expect, test } from 'vitest';
import { startTools } from '#services/tools/server.ts';
import { built } from '#test/services/tools/built.ts';
import { node } from '#test/appliance/sandbox/rig.ts';
import { logger, World } from '#test/services/tools/world.ts';

const world = new World();
afterAll(() => world[Symbol.asyncDispose]());

test('tools says for whom it waits, and stops at once while nobody is there', async () => {
  const programs = join(world.home, 'dist/actuators');
  mkdirSync(programs, { recursive: true });
  mkdirSync(world.config.state);
  const supervisor = await built('appliance/sandbox/supervisor/main.ts');
  writeFileSync(join(world.home, 'dist/supervisor.js'), supervisor);
  const stop = new AbortController();
  const waits: string[] = [];
  const context: ServiceContext = {
    log: logger,
    signal: stop.signal,
    credential: () => Buffer.alloc(0),
    optionalCredential: () => undefined,
    waiting: (what) => waits.push(what),
    ready: () => undefined,
  };
  const started = startTools({ ...world.config, programs, node }, context);
  const ended = started.catch((error: unknown) => error);
  await expect.poll(() => waits, { timeout: 10_000 }).toEqual(['audit']);
  stop.abort(new Error('asked to stop'));

  expect(await Promise.race([ended, sleep(2000)])).toMatchObject({ message: 'asked to stop' });
}, 30_000);
