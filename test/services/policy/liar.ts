import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { audit, type LogEvent, type Receipt } from '@physiclaw/contracts';
import { createLogger, fixedSvid, Server } from '@physiclaw/platform';
import { type Machine, svidOf, trustDomain } from './machine.ts';

/** What stands between policy and its log, and may answer otherwise. */
export interface Lies {
  /** Before the real log is told. */
  before?: (event: LogEvent) => unknown;
  append?: (receipt: Receipt) => Receipt | Promise<Receipt>;
  receipt?: (receipt: Receipt) => Receipt | Promise<Receipt>;
  checkpoint?: (answer: { checkpoint: string; size: number }) => {
    checkpoint: string;
    size: number;
  };
  entries?: (entries: string[]) => string[];
}

/** A service with the log's own SVID, which asks the real log and tells lies about it. */
export async function standBetween(machine: Machine, lies: Lies): Promise<AsyncDisposable> {
  const socket = join(machine.home, 'liar.sock');
  const log = createLogger('liar', 'silent');
  const real = machine.as('policy', audit);
  const { append, checkpoint, receipt, entries, consistency, files, file } = audit.calls;
  const server = new Server(audit, { socket, svid: fixedSvid(svidOf('audit')), log, trustDomain })
    .answer(append, async (question) => {
      await lies.before?.(question.event);
      const answer = await real.ask(append, question);
      return lies.append?.(answer) ?? answer;
    })
    .answer(receipt, async (question) => {
      const answer = await real.ask(receipt, question);
      return lies.receipt?.(answer) ?? answer;
    })
    .answer(checkpoint, async (question) => {
      const answer = await real.ask(checkpoint, question);
      return lies.checkpoint?.(answer) ?? answer;
    })
    .answer(entries, async (question) => {
      const answer = await real.ask(entries, question);
      return { ...answer, entries: lies.entries?.(answer.entries) ?? answer.entries };
    });
  server.answer(consistency, unasked).answer(files, unasked).answer(file, unasked);
  await server.listen();
  point(machine, socket);
  return {
    async [Symbol.asyncDispose]() {
      point(machine, join(machine.home, 'run/audit/audit.sock'));
      await server[Symbol.asyncDispose]();
    },
  };
}

function unasked(): never {
  throw new Error('policy does not ask this');
}

function point(machine: Machine, socket: string): void {
  const link = join(machine.home, 'run/policy/audit.sock');
  rmSync(link);
  symlinkSync(socket, link);
}
