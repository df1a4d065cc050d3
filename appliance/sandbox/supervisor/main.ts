import { createInterface } from 'node:readline';
import type { BootTime } from '@physiclaw/contracts';
import { closeInherited } from './inherited.ts';
import type { Order, Renewal } from './order.ts';
import { supervise } from './supervise.ts';

closeInherited();

// One process guards one run. It waits for its order, so that the run need not wait for Node.
const lease: { until: BootTime | undefined } = { until: undefined };
const lines = createInterface({ input: process.stdin });
let ordered = false;

lines.on('line', (line) => {
  const message: Order | Renewal = JSON.parse(line);
  lease.until = message.until;
  if (ordered || !('command' in message)) return;
  ordered = true;
  void guard(message);
});
// Whoever gave the order is gone, and with him whoever would tell of the run.
lines.on('close', () => {
  lease.until = undefined;
});
// The sandbox is over before a word is written: nobody has to be there to read it.
process.stdout.on('error', () => undefined);

async function guard(order: Order): Promise<void> {
  const { report, output } = await supervise(order, lease);
  process.stdout.write(`${JSON.stringify(report)}\n`);
  process.stdout.write(output);
  lines.close();
  process.stdin.destroy();
}
