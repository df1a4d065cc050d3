import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Intent } from '@physiclaw/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtIn } from '#services/tools/intent/actuators.ts';
import type { Driver } from '#appliance/sandbox/driver.ts';
import { openDriver } from '#appliance/sandbox/open.ts';
import { built } from '#test/services/tools/built.ts';
import { node } from '#test/appliance/sandbox/rig.ts';
import { type Call, logger, REQUEST, SESSION, World } from '#test/services/tools/world.ts';

// The gate, the real sandbox and the real actuators; only `policy`, the log and the person are ours.
const world = new World();
let driver: Driver & AsyncDisposable;
beforeAll(async () => {
  const { programs, killFile, state } = world.config;
  const offers = builtIn(programs);
  for (const { manifest, program } of offers) {
    const source = `services/tools/actuators/${manifest.name.replaceAll('_', '-')}/main.ts`;
    writeFileSync(program, await built(source));
  }
  world.offers = offers;
  const supervisor = join(world.home, 'supervisor.js');
  writeFileSync(supervisor, await built('appliance/sandbox/supervisor/main.ts'));
  mkdirSync(state);
  const places = { scratch: join(world.home, 'driver'), supervisor, node, killFile };
  driver = await openDriver({ ...places, masked: [world.home], log: logger });
  world.driver.behave = (run) => driver.start(run, world.parts.lease);
  await world.start();
  world.enrol();
  writeFileSync(join(world.home, 'secret'), 'secret');
  await world.begin(SESSION, { 'a.txt': 'alpha' });
}, 60_000);
afterAll(async () => {
  await driver[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

/** Has it approved by Ada where the floor wants that, and answers with outcome and reply. */
async function call(wanted: Call) {
  const intent: Intent = await world.intent(wanted);
  const decision = { request: REQUEST.replace(/1/g, digit()), statements: [], enrolments: [] };
  const signed = world.approve(intent, { request: decision.request });
  const approved = { ...decision, statements: [signed], enrolments: [0] };
  const { entry } = await world.act(world.present(intent, { decision: approved }));
  const outcome = JSON.parse(entry).unmapped.event;
  const reply = await world.files.read(SESSION, outcome.reply.digest);
  return { outcome, result: JSON.parse(new TextDecoder().decode(reply)).result };
}

let calls = 0;
const digit = () => (calls++ % 16).toString(16);
const exec = (...argv: string[]) => call({ actuator: 'exec', arguments: { argv } });

test('a file that one call wrote is in the tree of the next', async () => {
  const write = { path: 'b.txt', content: 'beta' };
  const { outcome } = await call({ actuator: 'write_file', arguments: write });
  const { result } = await call({ actuator: 'read_file', arguments: { path: 'b.txt' } });

  expect(world.files.head(SESSION)).toBe(outcome.tree);
  expect(result.content[0].text).toContain('beta');
});

test('a command runs on a copy, and what it leaves is the next tree', async () => {
  const { outcome, result } = await exec('sh', '-c', 'cat a.txt; rm a.txt; echo gamma > c.txt');
  const paths = (await world.files.tree(outcome.tree)).map(({ path }) => path);

  expect(result.structuredContent).toMatchObject({ exit: 0, stdout: 'alpha' });
  expect(paths).toContain('c.txt');
  expect(paths).not.toContain('a.txt');
});

test('a link leads a command to nothing outside, and no later call through it', async () => {
  const secret = join(world.home, 'secret');
  const { result } = await exec('sh', '-c', `ln -s ${secret} leak; cat leak`);

  expect(result.structuredContent).toMatchObject({ exit: 1, stdout: '' });
  await expect(world.intent({ arguments: { path: 'leak' } })).rejects.toThrow(
    expect.objectContaining({ code: 'TOOLS_OPERAND_MISSING' }),
  );
});

test('an export is the file of the tree, in the folder that the intent names', async () => {
  await call({ actuator: 'write_file', arguments: { path: 'report', content: 'all is well' } });
  const name = 'report.txt';
  await call({ actuator: 'export_file', arguments: { path: 'report', folder: 'reports', name } });

  expect(readFileSync(join(world.home, 'exports', name), 'utf8')).toBe('all is well');
});

test('nothing that a run saw is left on the disk beside the blobs', () => {
  expect(readdirSync(join(world.config.state, 'scratch'))).toEqual([]);
});
