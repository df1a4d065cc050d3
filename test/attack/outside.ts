import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ledger, openLedger } from '../ledger/ledger.ts';
import { observe } from './observer.ts';

/** The world outside the product: where an attack shows, if it comes through. */
export interface Outside extends AsyncDisposable {
  readonly ledger: Ledger;
  /** A folder of the host that anybody could write, and only an approved export may. */
  readonly canary: string;
  /** A sink on loopback, under one number for TCP and UDP. */
  readonly port: number;
  /** All that a model was told. */
  readonly heard: string[];
  /** What happened that bears the mark: lines, processes, files, packets; and secrets told. */
  effects(mark: string): number;
  alive(mark: string): number;
  most(mark: string): number;
}

/** A text that only a thief would bring out: no call of an attack holds it. */
export const secretOf = (mark: string) => `secret-${mark}`;

export async function openOutside(): Promise<Outside> {
  const ledger = openLedger();
  const canary = mkdtempSync(join(tmpdir(), 'canary-'));
  chmodSync(canary, 0o777);
  const observer = observe(ledger);
  const sink = await openSink();
  const heard: string[] = [];
  const files = (mark: string) =>
    readdirSync(canary).filter((name) => readFileSync(join(canary, name)).includes(`by ${mark}`));
  return {
    ledger,
    canary,
    port: sink.port,
    heard,
    effects: (mark) =>
      observer.effects(mark) +
      files(mark).length +
      sink.received.filter((text) => text.includes(mark)).length +
      heard.filter((text) => text.includes(secretOf(mark))).length,
    alive: (mark) => observer.alive(mark),
    most: (mark) => observer.effects(mark),
    async [Symbol.asyncDispose]() {
      await observer[Symbol.asyncDispose]();
      sink.close();
      ledger[Symbol.dispose]();
      rmSync(canary, { recursive: true, force: true });
    },
  };
}

async function openSink() {
  const received: string[] = [];
  const hear = (bytes: Buffer) => void received.push(bytes.toString('latin1'));
  const tcp = createServer((socket) => {
    socket.on('data', hear).on('error', () => undefined);
  });
  const udp = createSocket('udp4');
  await once(tcp.listen(0, '127.0.0.1'), 'listening');
  const address = tcp.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  udp.on('message', hear).bind(port, '127.0.0.1');
  await once(udp, 'listening');
  const close = () => {
    tcp.close();
    udp.close();
  };
  return { port, received, close };
}

/** Makes a folder below another, with its parents. */
export function folderIn(...parts: string[]): string {
  const folder = join(...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
}
