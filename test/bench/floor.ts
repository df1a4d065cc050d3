import { closeSync, fsync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Api, audit } from '@physiclaw/contracts';
import { createLogger, fixedSvid, Peer, Server } from '@physiclaw/platform';
import { z } from 'zod';
import { svidOf, trustDomain } from '#test/services/policy/machine.ts';

const nothing = z.strictObject({});
const empty = {
  service: audit.service,
  errors: {},
  calls: { nothing: { name: 'nothing', callers: ['agent'], request: nothing, reply: nothing } },
} as const satisfies Api;

const ENTRY = Buffer.alloc(1024, 'x');

/** What no appliance can go below: an empty round trip, and an append that is on the disk. */
export interface Floor extends AsyncDisposable {
  readonly roundTrip: () => Promise<unknown>;
  readonly append: () => Promise<unknown>;
}

/** `home` is where the log lies, so that both write to one disk. */
export async function openFloor(home: string): Promise<Floor> {
  const socket = join(home, 'run/empty.sock');
  const log = createLogger('audit', 'silent');
  const edge = { socket, log, trustDomain };
  const server = new Server(empty, { ...edge, svid: fixedSvid(svidOf('audit')) });
  await server.answer(empty.calls.nothing, () => ({})).listen();
  const peer = new Peer(empty, { socket, trustDomain, svid: fixedSvid(svidOf('agent')) });
  const file = openSync(join(home, 'bare'), 'a', 0o600);
  return {
    roundTrip: () => peer.ask(empty.calls.nothing, {}),
    async append() {
      writeSync(file, ENTRY);
      await promisify(fsync)(file);
    },
    async [Symbol.asyncDispose]() {
      closeSync(file);
      peer[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
