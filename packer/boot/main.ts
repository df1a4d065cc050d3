// Starts the image as a virtual machine with its screen in this terminal, and ends with the terminal.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { accelerator } from '../machine/accelerator.ts';
import { Machine } from '../machine/machine.ts';
import { makeSeed } from '../machine/seed.ts';
import { out, version } from '../steps/places.ts';

const SECONDS = 900;
const OFF_SECONDS = 60;
const port = Number(process.env['PORT'] ?? 18443);
const folder = join(out, 'machine');
const seed = join(out, 'seed.img');

const began = performance.now();
make();
const { accel } = await accelerator();
await using machine = await Machine.start(folder, {
  seed,
  network: { port, frames: join(folder, 'frames.pcap') },
});
say(`on; processors: ${accel.startsWith('kvm') ? 'KVM' : 'emulated'}`);
machine.screen.follow((text) => process.stdout.write(text));

if (await machine.screen.first(/^physiclaw\| state: ready.*\n/m, SECONDS)) {
  tell();
  if (process.stdin.isTTY) await ended();
} else {
  process.exitCode = 1;
  say(machine.isOn ? `not ready after ${SECONDS} s` : 'the machine went off');
}
if (machine.isOn) await machine.turnOff(OFF_SECONDS);

/** The machine of last time goes on where its image is still this one. */
function make(): void {
  const identity = join(out, 'identity.json');
  if (!existsSync(identity)) throw new Error('there is no image; make it: make image');
  const image = readFileSync(identity, 'utf8');
  const kept = join(folder, 'identity.json');
  makeSeed(seed, { address: '10.0.2.15/24', host: 'physiclaw.test' });
  if (existsSync(kept) && readFileSync(kept, 'utf8') === image) return;
  const disk = join(out, `physiclaw-${version}.qcow2`);
  Machine.make(folder, { disk, format: 'qcow2', vars: join(out, 'vars.fd') });
  writeFileSync(kept, image);
}

function tell(): void {
  say(`power-on to ready: ${((performance.now() - began) / 1000).toFixed(1)} s`);
  for (const [name, value] of machine.screen.facts()) {
    if (name.startsWith('start ')) say(`${name}: ${value}`);
  }
  say(`console: https://localhost:${port}`);
}

/** Until the terminal goes, or somebody stops it. */
async function ended(): Promise<void> {
  say('Ctrl-C turns it off');
  process.stdin.resume();
  await Promise.race([
    machine.off(Infinity),
    ...(['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => once(process, signal)),
    once(process.stdin, 'end'),
  ]);
}

function say(text: string): void {
  process.stdout.write(`boot: ${text}\n`);
}
