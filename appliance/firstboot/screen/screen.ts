import { setTimeout as sleep } from 'node:timers/promises';
import { type FactName, type Facts } from '../facts.ts';
import { Display } from './display.ts';
import { readMode } from './greeting.ts';
import { linesOf } from './lines.ts';
import { readServices, type ServiceStart } from './services.ts';
import { beginLine } from './terminals.ts';

const PAUSE_MS = 500;
/** Asking systemd and the gateway costs more than looking at a folder. */
const ASK_EACH_MS = 2000;
const ASK_SELDOM_MS = 15_000;
const ONCE: FactName = 'recovery key';

/** Shows each fact, and shows it again when it changed; for ever. */
export async function show(facts: Facts, image: string): Promise<never> {
  const display = new Display();
  let services: readonly ServiceStart[] = [];
  let mode: string | undefined;
  let askAt = 0;
  beginLine();
  for (;;) {
    if (performance.now() >= askAt && facts.read('state') === 'starting') {
      services = await readServices();
      mode = await readMode();
      const isSettled = mode !== undefined && mode !== 'unclaimed';
      askAt = performance.now() + (isSettled ? ASK_SELDOM_MS : ASK_EACH_MS);
    }
    const fact = (name: FactName) => facts.read(name);
    const lines = linesOf({ image, fact, services, mode });
    // Whoever told it waits for this.
    if (display.show(lines) && lines.has(ONCE)) facts.remove(ONCE);
    await sleep(PAUSE_MS);
  }
}
