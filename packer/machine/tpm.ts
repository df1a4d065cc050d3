import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { command } from '../steps/command.ts';

const SOCKET_MS = 10_000;

/** Makes a new TPM, unlike any other, whose state lies in `folder`. */
export function makeTpm(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const options = ['--tpm2', '--tpm-state', folder, '--overwrite', '--pcr-banks', 'sha256'];
  command('swtpm_setup', options);
}

/** Runs the TPM of a folder until the QEMU that connects to it ends. */
export async function startTpm(folder: string, socket: string): Promise<ChildProcess> {
  rmSync(socket, { force: true });
  const state = ['--tpmstate', `dir=${folder}`, '--ctrl', `type=unixio,path=${socket}`];
  const log = ['--log', `file=${join(folder, '../tpm.log')},level=1`];
  const swtpm = ['swtpm', 'socket', '--tpm2', '--terminate', ...state, ...log];
  const process = spawn('setpriv', ['--pdeathsig', 'KILL', ...swtpm], {
    stdio: 'ignore',
    detached: true,
  });
  const deadline = Date.now() + SOCKET_MS;
  while (!existsSync(socket)) {
    if (process.exitCode !== null || Date.now() > deadline) {
      throw new Error(`swtpm did not open ${socket}; see ${join(folder, '../tpm.log')}`);
    }
    await after(20);
  }
  return process;
}
