import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { signerFromSeed } from '@physiclaw/proof';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Machine, Power } from '../../packer/machine/machine.ts';
import { makeSeed } from '../../packer/machine/seed.ts';
import { out, version } from '../../packer/steps/places.ts';
import { countFrames, type Frames } from './frames.ts';
import { Visitor } from './visitor.ts';

/** A console port of this computer, for one machine at a time. */
const PORT = Number(process.env['PORT'] ?? 28_443);
/** Ten times what a boot takes under emulation where nothing else runs. */
const BOOT_SECONDS = 900;
/** One whose link is down answers nobody, however long it is waited for. */
const KNOCK_MS = 5000;

export const lab = join(out, 'test');
export const vars = join(out, 'vars.fd');
export const disk = join(out, `physiclaw-${version}.qcow2`);
export const seed = join(lab, 'seed.img');

const Identity = z.strictObject({
  version: z.string(),
  rootHash: z.string(),
  uki: z.string(),
  pcr11: z.string(),
});
export const identity = Identity.parse(
  JSON.parse(readFileSync(join(out, 'identity.json'), 'utf8')),
);

/** The person of these tests. */
export const owner = signerFromSeed(new Uint8Array(32).fill(7));
export const stranger = signerFromSeed(new Uint8Array(32).fill(8));

/** What a screen showed: names and values. */
export type Told = ReadonlyMap<string, string>;

export const CLAIMABLE = /^physiclaw\| state: ready to be claimed\r?$/m;
export const READY = /^physiclaw\| state: ready\r?$/m;
export const STOPPED = /^physiclaw\| state: stopped \((.*)\)\r?$/m;

/** An empty room for machines. */
export function openLab(): void {
  rmSync(lab, { recursive: true, force: true });
  mkdirSync(lab, { recursive: true });
  makeSeed(seed, { address: '10.0.2.15/24', host: 'physiclaw.test' });
}

export function folder(name: string): string {
  return join(lab, name);
}

/**
 * A network card on a network of its own, each frame of which is kept under a name; with a port of
 * this loopback, the machine has one neighbour there.
 */
export function network(name: string, neighbour?: number): Pick<Power, 'network'> {
  const way = neighbour !== undefined && { neighbour };
  return { network: { port: PORT, frames: framesFile(name), ...way } };
}

/** Calls the machine, so that something crosses the wire, and holds that it only ever answered. */
export async function expectSilent(name: string): Promise<Frames> {
  await Visitor.arrive(PORT, '', KNOCK_MS).catch(() => undefined);
  const frames = countFrames(framesFile(name));
  expect(frames.unasked).toEqual([]);
  expect(frames.all).toBeGreaterThan(0);
  return frames;
}

/** Somebody who read the certificate on the machine's screen and calls its door. */
export async function visit(told: Told): Promise<Visitor> {
  return await Visitor.arrive(PORT, factOf(told, 'certificate'));
}

/** @throws Error when the screen did not show it. */
export function factOf(told: Told, name: string): string {
  const value = told.get(name);
  if (value === undefined)
    throw new Error(`expected "${name}" on the screen, found ${[...told.keys()].join(', ')}`);
  return value;
}

/** @throws Error with the end of the screen, when this does not come. */
export async function expectOn(machine: Machine, pattern: RegExp): Promise<RegExpExecArray> {
  // A machine that has stopped shows nothing more.
  const either = new RegExp(`${STOPPED.source}|${pattern.source}`, 'm');
  await machine.screen.first(either, BOOT_SECONDS);
  const found = pattern.exec(machine.screen.text);
  if (!found) throw new Error(`expected ${pattern} on the screen:\n${tail(machine)}`);
  return found;
}

function tail({ screen, isOn }: Machine): string {
  const lines = screen.text.trim().split('\n').slice(-25).join('\n');
  return `${lines}\n(the machine is ${isOn ? 'on' : 'off'})`;
}

function framesFile(name: string): string {
  return join(lab, `${name}.pcap`);
}
