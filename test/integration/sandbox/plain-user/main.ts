import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import type { BootTime } from '@physiclaw/contracts';
import type { Run } from '#appliance/sandbox/driver.ts';
import { openDriver } from '#appliance/sandbox/open.ts';
import { bootClock } from '#appliance/sandbox/supervisor/halt.ts';

// Opens a driver as whoever runs this, makes one run, and says how it ended.
interface Errand {
  readonly options: Omit<Parameters<typeof openDriver>[0], 'log'>;
  readonly script: string;
  readonly run: Omit<Run, 'program'>;
  /** How far each renewal of the lease reaches; they come five times as often. */
  readonly leaseSeconds: number;
}

const errand: Errand = JSON.parse(await readText(process.stdin));
const silent = () => undefined;
const log = Object.assign(Object.create(null), { error: silent, warn: silent });
const program = join(errand.options.scratch, 'script.js');

const listeners = new Set<(until: BootTime) => void>();
const ahead = () => ({ ...bootClock(), seconds: bootClock().seconds + errand.leaseSeconds });
const lease = {
  until: ahead(),
  onRenewal(listener: (until: BootTime) => void) {
    listeners.add(listener);
    return { [Symbol.dispose]: () => void listeners.delete(listener) };
  },
};
const renewals = setInterval(() => {
  lease.until = ahead();
  for (const listener of listeners) listener(lease.until);
}, errand.leaseSeconds * 200);
{
  await using driver = await openDriver({ ...errand.options, log });
  writeFileSync(program, errand.script);
  const ended = await driver.start({ ...errand.run, program }, lease);
  clearInterval(renewals);
  const { missing, limiter } = driver;
  const output = Buffer.from(ended.output).toString();
  process.stdout.write(JSON.stringify({ missing, limiter, ended: { ...ended, output } }));
}
