import { audit } from '@physiclaw/contracts';
import type { Machine } from '#test/services/policy/machine.ts';
import type { Floor } from './floor.ts';

const WRITERS = [1, 16, 256];

/** Appends to the log in a second, by as many writers at once, beside a loop of bare ones. */
export async function measureLog(machine: Machine, { append }: Floor, least: number) {
  const log = machine.as('tools', audit);
  const event = { kind: 'refusal' as const, check: 'TOOLS_NOT_ALLOWED', count: 1 };
  const bare = await perSecond(1, least, append);
  process.stdout.write(`bare fsync loop: ${bare.toFixed(0)} appends/s\n`);
  for (const writers of WRITERS) {
    const rate = await perSecond(writers, Math.max(least, writers * 4), () =>
      log.ask(audit.calls.append, { event }),
    );
    process.stdout.write(
      `log, ${writers} writers: ${rate.toFixed(0)} appends/s, ${(rate / bare).toFixed(2)} of it\n`,
    );
  }
}

async function perSecond(writers: number, total: number, work: () => unknown): Promise<number> {
  let left = total;
  const write = async () => {
    while (left-- > 0) await work();
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: writers }, write));
  return total / ((performance.now() - began) / 1000);
}
