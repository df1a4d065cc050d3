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
  await using parts = new AsyncDisposableStack();
  const svid = parts.use(followSvid({ socket: join(run, 'workload.sock'), log }));
  const ledger = parts.use(new Log(opened, { state, signer, reserve, onBroken: endProcess }));
  const socket = join(run, 'audit.sock');
  const { calls } = audit;
  const size = () => ledger.current.size;
  const server = parts
    .use(new Server(audit, { socket, svid, log, trustDomain }))
    .answer(calls.append, (request, { caller }) => ledger.append(request, caller))
    .answer(calls.checkpoint, () => ({ checkpoint: ledger.current.checkpoint, size: size() }))
    .answer(calls.receipt, ({ index }) => ledger.current.receipt(index))
    .answer(calls.consistency, ({ from, to }) => ({ proof: ledger.current.consistency(from, to) }))
    .answer(calls.entries, ({ from, count }) => ({
      size: size(),
      entries: ledger.current.entries(from, count),
    }))
    .answer(calls.files, () => ({ size: size(), files: ledger.current.files() }))
    .answer(calls.file, ({ path }) => ({ bytes: encodeBase64(ledger.current.file(path)) }))
    .onMetrics(() => ({ entries: size(), reserve_bytes: reserve.bytes }));
  const kept = parts.move();
  return {
    listen() {
      context.waiting('identity');
      return server.listen();
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** After a failed fsync nobody knows what is on the disk: only a new start, which looks, may go on. */
function endProcess(error: AuditError): void {
  setTimeout(() => {
    throw error;
  }, LAST_WORDS_MS);
}
