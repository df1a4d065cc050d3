import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Tpm } from '@physiclaw/seal';
import { onTestFinished } from 'vitest';

const SWTPM = '/usr/bin/swtpm';

/** Why there is no TPM to test with; undefined where there is one. */
export const missing =
  existsSync(SWTPM) && existsSync('/usr/bin/tpm2_unseal') ? undefined : 'swtpm or tpm2-tools';

/** A TPM 2.0 in software, of this test alone; it keeps its state over a restart. */
export class SoftwareTpm {
  readonly #folder = mkdtempSync(join(tmpdir(), 'swtpm-'));
  #process: ReturnType<typeof spawn> | undefined;

  static async start(): Promise<SoftwareTpm> {
    const tpm = new SoftwareTpm();
    onTestFinished(async () => {
      await tpm.stop();
      rmSync(tpm.#folder, { recursive: true, force: true });
    });
    await tpm.restart();
    return tpm;
  }

  get path(): string {
    return join(this.#folder, 'tpm.sock');
  }

  /** As a boot does: its registers are zero again. */
  async restart(): Promise<void> {
    await this.stop();
    const server = ['--server', `type=unixio,path=${this.path}`];
    const control = ['--ctrl', `type=unixio,path=${this.path}.ctrl`];
    const state = ['--tpmstate', `dir=${this.#folder}`];
    const flags = ['--flags', 'not-need-init,startup-clear'];
    const args = ['socket', '--tpm2', ...state, ...server, ...control, ...flags];
    this.#process = spawn(SWTPM, args, { stdio: 'ignore' });
    while (!existsSync(this.path)) await sleep(10);
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null) return;
    this.#process = undefined;
    child.kill('SIGTERM');
    await once(child, 'exit');
    rmSync(this.path, { force: true });
  }

  /** Opened as the product opens the machine's. */
  async open(): Promise<Tpm> {
    return this.#openAt(this.path);
  }

  /** Opened so that all that goes over the bus, both ways, is kept. */
  async openWatched(): Promise<{ tpm: Tpm; bus: () => Buffer }> {
    const heard: Buffer[] = [];
    const path = join(this.#folder, 'bus.sock');
    const sockets = new Set<Socket>();
    const server = createServer((near) => {
      const far = connect(this.path);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(from);
        from.on('data', (bytes: Buffer) => heard.push(bytes));
        from.on('error', () => to.destroy()).pipe(to);
      }
    });
    symlinkSync(`${this.path}.ctrl`, `${path}.ctrl`);
    server.listen(path);
    await once(server, 'listening');
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return { tpm: await this.#openAt(path), bus: () => Buffer.concat(heard) };
  }

  async #openAt(path: string): Promise<Tpm> {
    const tpm = await Tpm.open(`swtpm:path=${path}`);
    onTestFinished(() => tpm[Symbol.asyncDispose]());
    return tpm;
  }
}
