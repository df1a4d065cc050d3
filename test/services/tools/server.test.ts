import { join } from 'node:path';
import { type Api, tools } from '@physiclaw/contracts';
import { fixedSvid, Peer, type Server } from '@physiclaw/platform';
import { digestOf, encodeBase64 } from '@physiclaw/proof';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serve } from '#services/tools/server.ts';
import { createAuthority } from '#test/appliance/platform/authority.ts';
import { MANIFESTS } from './fakes.ts';
import { TRUST_DOMAIN } from './log.ts';
import { logger, openWorld, OTHER_SESSION, SESSION, TURN, type World } from './world.ts';

const authority = await createAuthority(TRUST_DOMAIN);
const svids = {
  tools: fixedSvid(await authority.issue('tools')),
  gateway: fixedSvid(await authority.issue('gateway')),
  agent: fixedSvid(await authority.issue('agent')),
};

let world: World;
let server: Server;
let gateway: Peer;
let agent: Peer;
beforeEach(async () => {
  world = await openWorld();
  const socket = join(world.home, 'tools.sock');
  const edge = { socket, trustDomain: TRUST_DOMAIN };
  server = serve(world.parts, { ...edge, svid: svids.tools, log: logger });
  await server.listen();
  gateway = new Peer(tools, { ...edge, svid: svids.gateway });
  agent = new Peer(tools, { ...edge, svid: svids.agent });
});
afterEach(async () => {
  gateway[Symbol.dispose]();
  agent[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const { calls } = tools satisfies Api;
const refused = (code: string) => expect.objectContaining({ code });
const bytes = new TextEncoder().encode('beta');
const digest = digestOf(bytes);
const file = { type: 'file' as const, path: 'b', mode: 0o644 as const, size: 4, digest };

test('a file enters a workspace by its digest, and is read back in parts', async () => {
  const session = OTHER_SESSION;
  await gateway.ask(calls.receiveBlob, { session, digest, bytes: encodeBase64(bytes) });
  await gateway.ask(calls.openWorkspace, { session, entries: [file] });
  const question = { session, digest, offset: 1, length: 2 };

  expect(await agent.ask(calls.readBlob, question)).toEqual({
    bytes: encodeBase64(new TextEncoder().encode('et')),
    size: 4,
  });
});

test.each([{ path: '../b' }, { path: '/b' }, { mode: 0o4755 }, { type: 'device' }])(
  'an entry with %j is refused at the door',
  async (change) => {
    const asked = gateway.ask(calls.openWorkspace, {
      session: OTHER_SESSION,
      entries: [Object.assign({ ...file }, change)],
    });

    await expect(asked).rejects.toThrow(refused('BAD_REQUEST'));
  },
);

test('a call is prepared, acted, and asked about', async () => {
  const wanted = {
    session: SESSION,
    turn: TURN,
    actuator: 'read_file',
    arguments: { path: 'a.txt' },
  };
  const { intent } = await agent.ask(calls.prepare, wanted);
  const presented = world.present(JSON.parse(intent));
  const { receipt } = await agent.ask(calls.act, presented);
  const { capability } = JSON.parse(presented.receipt.entry).unmapped.event;

  expect(await agent.ask(calls.outcome, { session: SESSION, capability })).toMatchObject({
    state: 'ended',
    receipt: { index: receipt.index },
  });
});

test('where no sandbox can be made nothing is prepared either', async () => {
  world.driver.missing = 'no user name spaces';
  const wanted = { session: SESSION, turn: TURN, actuator: 'list_dir', arguments: {} };

  await expect(agent.ask(calls.prepare, wanted)).rejects.toThrow(refused('TOOLS_SANDBOX_MISSING'));
});

test('status says which driver confines, by what, and that the lease is live', async () => {
  expect(await gateway.ask(calls.status, {})).toEqual({
    driver: 'bubblewrap',
    limiter: 'rlimits',
    running: 0,
    leased: true,
    mounts: ['system', 'reports'],
  });
});

test('each actuator is shown with its floor', async () => {
  const { actuators } = await agent.ask(calls.actuators, {});
  const floors = Object.fromEntries(actuators.map(({ name, floor }) => [name, floor]));

  expect(actuators).toHaveLength(MANIFESTS.length);
  expect(floors).toMatchObject({ exec: 1, export_file: 1, read_file: 0, write_file: 0 });
});
