// Measures the gated call beside its floor, and the log beside a bare loop; exits 1 over the limit.
import { type Appliance, startAppliance } from './appliance.ts';
import { type Floor, openFloor } from './floor.ts';
import { Samples } from './samples.ts';
import { measureLog } from './throughput.ts';

const CALLS = Number(process.env['BENCH_CALLS'] ?? 1000);
const LIMIT = 8;
const A_BLOCK = 10;
const WARM_UP = Math.min(100, CALLS);
const TRIP = 'floor: empty mutual-TLS round trip';
const APPEND = 'floor: bare fsynced append';
const WHOLE = 'the whole call';

await using stack = new AsyncDisposableStack();
const steps = new Samples();
const appliance = await startAppliance(steps, stack);
const floor = stack.use(await openFloor(appliance.machine.home));
await measure(appliance, floor, WARM_UP);
steps.clear();
const before = await appliance.made();
await measure(appliance, floor, CALLS);
const after = await appliance.made();
// Sessions are opened too, one for ten calls.
const trips = Math.floor((after.trips - before.trips) / CALLS);
const appends = Math.floor((after.appends - before.appends) / CALLS);
const least = trips * steps.quantile(TRIP, 0.5) + appends * steps.quantile(APPEND, 0.5);
const ratio = steps.quantile(WHOLE, 0.5) / least;
report();
await measureLog(appliance.machine, floor, CALLS);
if (ratio > LIMIT) process.exitCode = 1;

/** Calls and floor by turns, so that a busy moment of the machine falls on both. */
async function measure(on: Appliance, { roundTrip, append }: Floor, calls: number): Promise<void> {
  for (let done = 0; done < calls; done += A_BLOCK) {
    const session = await on.open();
    for (let call = 0; call < A_BLOCK; call++) {
      await steps.of(WHOLE, () => on.call(session));
      await steps.of(TRIP, roundTrip);
      await steps.of(APPEND, append);
    }
  }
}

function report(): void {
  print(
    `${CALLS} gated calls of read_file, without what a sandbox takes: the driver runs nothing;`,
  );
  print('audit, policy and tools in one process, on sockets of their own; in milliseconds');
  print(`${''.padEnd(40)}      p50      p99`);
  for (const name of steps.names) print(steps.row(name));
  print(
    `one call makes ${trips} round trips and ${appends} durable appends: floor ${least.toFixed(2)}`,
  );
  print(`ratio ${ratio.toFixed(1)}, at most ${LIMIT}: ${ratio > LIMIT ? 'FAIL' : 'PASS'}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
