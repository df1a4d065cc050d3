import { join } from 'node:path';
import { audit } from '@physiclaw/contracts';
import {
  followSvid,
  Reserve,
  Server,
  type Service,
  type ServiceContext,
} from '@physiclaw/platform';
import { decodeBase64, encodeBase64, signerFromSeed } from '@physiclaw/proof';
import type { Config } from './config.ts';
import type { AuditError } from './errors.ts';
import { openLog, RESERVE } from './log/folder.ts';
import { Log } from './log/log.ts';

/** How long those who wait have to hear that the log is broken, before the process ends. */
const LAST_WORDS_MS = 100;

/** Verifies the whole log, then serves it. Refuses to start on one that does not verify. */
export async function startAudit(config: Config, context: ServiceContext): Promise<Service> {
  const { state, trustDomain, run } = config;
  const { log } = context;
  const signer = signerFromSeed(decodeBase64(String(context.credential('log-key')).trim()));
  const opened = await openLog({ ...config, signer, log });
  const reserve = await Reserve.open(join(state, RESERVE), config.reserveBytes, log);
  const ledger = new Log(opened, { state, signer, reserve, onBroken: endProcess });
  const svid = followSvid({ socket: join(run, 'workload.sock'), log });
  const socket = join(run, `${audit.service}.sock`);
  const server = new Server(audit, { socket, svid, log, trustDomain });
  answerAll(server, ledger);
  server.onMetrics(() => ({ reserve_bytes: reserve.bytes }));
  return {
    listen() {
      context.waiting('identity');
      return server.listen();
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await ledger[Symbol.asyncDispose]();
      await svid[Symbol.asyncDispose]();
    },
  };
}

function answerAll(server: Server, log: Log): void {
  const { calls } = audit;
  const size = () => log.current.size;
  server
    .answer(calls.append, (request, { caller }) => log.append(request, caller))
    .answer(calls.checkpoint, () => ({ checkpoint: log.current.checkpoint, size: size() }))
    .answer(calls.receipt, ({ index }) => log.current.receipt(index))
    .answer(calls.consistency, ({ from, to }) => ({ proof: log.current.consistency(from, to) }))
    .answer(calls.entries, ({ from, count }) => ({
      size: size(),
      entries: log.current.entries(from, count),
    }))
    .answer(calls.files, () => ({ size: size(), files: log.current.files() }))
    .answer(calls.file, ({ path }) => ({ bytes: encodeBase64(log.current.file(path)) }))
    .onMetrics(() => ({ entries: size() }));
}

/** After a failed fsync nobody knows what is on the disk: only a new start, which looks, may go on. */
function endProcess(error: AuditError): void {
  setTimeout(() => {
    throw error;
  }, LAST_WORDS_MS);
}
