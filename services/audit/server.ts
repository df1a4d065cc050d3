import { join } from 'node:path';
import { audit } from '@physiclaw/contracts';
import { followSvid, Server, type Service, type ServiceContext } from '@physiclaw/platform';
import { decodeBase64, encodeBase64, signerFromSeed } from '@physiclaw/proof';
import type { Config } from './config.ts';
import { Reserve } from './disk/reserve.ts';
import type { AuditError } from './errors.ts';
import { Log } from './log/log.ts';
import { openLog } from './log/open.ts';

/** How long those who wait have to hear that the log is broken, before the process ends. */
const LAST_WORDS_MS = 100;

/** Verifies the whole log, then serves it. Refuses to start on one that does not verify. */
export async function startAudit(config: Config, context: ServiceContext): Promise<Service> {
  const { state, trustDomain, run } = config;
  const { log } = context;
  const signer = signerFromSeed(decodeBase64(String(context.credential('log-key')).trim()));
  const opened = await openLog({ ...config, signer, log });
  const reserve = await Reserve.open(state, config.reserveBytes, log);
  const ledger = new Log(opened, { state, signer, reserve, onBroken: endProcess });
  const svid = followSvid({ socket: join(run, 'workload.sock'), log });
  const socket = join(run, `${audit.service}.sock`);
  const server = new Server(audit, { socket, svid, log, trustDomain });
  answerAll(server, ledger);
  server.onMetrics(() => ({ entries: ledger.current.tree.size, reserve_bytes: reserve.bytes }));
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

function answerAll(server: Server, ledger: Log): void {
  const { calls } = audit;
  const { evidence } = ledger;
  server
    .answer(calls.append, (request, { caller }) => ledger.append(request, caller))
    .answer(calls.checkpoint, () => {
      const { checkpoint, tree } = ledger.current;
      return { checkpoint, size: tree.size };
    })
    .answer(calls.receipt, ({ index }) => evidence.receipt(ledger.current, index))
    .answer(calls.consistency, ({ from, to }) => ({
      proof: evidence.consistency(ledger.current, from, to),
    }))
    .answer(calls.entries, ({ from, count }) => {
      const entries = evidence.entries(ledger.current, from, count);
      return {
        size: ledger.current.tree.size,
        entries: entries.map((bytes) => new TextDecoder().decode(bytes)),
      };
    })
    .answer(calls.files, () => ({
      size: ledger.current.tree.size,
      files: evidence.files(ledger.current),
    }))
    .answer(calls.file, ({ path }) => ({
      bytes: encodeBase64(evidence.file(ledger.current, path)),
    }));
}

/** After a failed fsync nobody knows what is on the disk: only a new start, which looks, may go on. */
function endProcess(error: AuditError): void {
  setTimeout(() => {
    throw error;
  }, LAST_WORDS_MS);
}
