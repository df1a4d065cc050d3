import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Api } from '@physiclaw/contracts';
import {
  ApplianceError,
  createLogger,
  fixedSvid,
  Peer,
  Server,
  type Svid,
  SvidHolder,
  type SvidSource,
} from '@physiclaw/platform';
import { z } from 'zod';
import { createAuthority, type IssueOptions } from './authority.ts';

/** A contract that says things back. */
export const echo = {
  service: 'echo',
  errors: { ECHO_TIRED: 429 },
  calls: {
    say: {
      name: 'say',
      callers: ['friend'],
      request: z.object({ words: z.string().max(9) }),
      reply: z.strictObject({ heard: z.string(), by: z.string() }),
    },
    count: {
      name: 'count',
      callers: ['friend'],
      request: z.object({ to: z.int() }),
      reply: z.strictObject({ number: z.int() }),
      stream: true,
    },
  },
} as const satisfies Api;

export const { say, count } = echo.calls;
export const trustDomain = 'test.internal';
export const authority = await createAuthority(trustDomain);
export const friend = await authority.issue('friend');
const own = await authority.issue('echo');

/** A folder that goes with whoever holds it. */
export function temporaryFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'platform-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

export interface EchoOptions {
  say?: Parameters<typeof answer>[0];
  count?: Parameters<typeof streamed>[0];
  svid?: SvidSource;
  socket?: string;
}

/** Serves the contract on a socket of its own, and keeps what it logs. */
export async function serveEcho(options: EchoOptions = {}) {
  const folder = temporaryFolder();
  const lines: Record<string, unknown>[] = [];
  const socket = options.socket ?? join(folder.path, 'echo.sock');
  const log = createLogger('echo', 'info', { write: (line) => lines.push(JSON.parse(line)) });
  const server = new Server(echo, {
    socket,
    svid: options.svid ?? fixedSvid(own),
    log,
    trustDomain,
  });
  server.answer(...answer(options.say)).stream(...streamed(options.count));
  await server.listen();
  return {
    server,
    socket,
    lines,
    /** A client that holds this SVID. */
    as: (svid: Svid | SvidSource = friend, api: Api = echo) =>
      new Peer(api, { socket, svid: 'current' in svid ? svid : fixedSvid(svid), trustDomain }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** A source of SVIDs that a test renews. */
export async function renewable(service: string, options: IssueOptions = {}) {
  const holder = new SvidHolder();
  const renew = async () => holder.hold(await authority.issue(service, options));
  await renew();
  return { holder, renew };
}

type Answer = Parameters<typeof Server.prototype.answer<typeof say.request, typeof say.reply>>;
type Stream = Parameters<typeof Server.prototype.stream<typeof count.request, typeof count.reply>>;

function answer(handle: Answer[1] = ({ words }, { caller }) => ({ heard: words, by: caller })) {
  return [say, handle] as const;
}

async function* upTo({ to }: { to: number }) {
  for (let number = 1; number <= to; number += 1) {
    await Promise.resolve();
    yield { number };
  }
}

function streamed(handle: Stream[1] = upTo) {
  return [count, handle] as const;
}

export const tired = new ApplianceError('ECHO_TIRED', 429, 'not now');
