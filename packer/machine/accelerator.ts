import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';

/** How QEMU runs the machine's processors. */
export interface Accelerator {
  readonly accel: string;
  readonly cpu: string;
}

/** As any machine can; the extensions are what WASM needs. */
const EMULATED: Accelerator = {
  accel: 'tcg,thread=multi,tb-size=512',
  cpu: 'qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt',
};
const HARDWARE: Accelerator = { accel: 'kvm', cpu: 'host' };
const FIRMWARE = '/usr/share/OVMF/OVMF_CODE_4M.fd';
const PROBE_MS = 15_000;

let found: Promise<Accelerator> | undefined;

/** KVM where it boots something, and emulation elsewhere: that the device exists says little. */
export async function accelerator(): Promise<Accelerator> {
  found ??= isBooting(HARDWARE).then((works) => (works ? HARDWARE : EMULATED));
  return await found;
}

async function isBooting({ accel, cpu }: Accelerator): Promise<boolean> {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch {
    // Without the device there is nothing to try.
    return false;
  }
  const args = [
    ['--pdeathsig', 'KILL', 'qemu-system-x86_64', '-machine', 'q35', '-accel', accel],
    ['-cpu', cpu, '-nographic', '-nodefaults', '-no-user-config', '-serial', 'stdio'],
    ['-drive', `if=pflash,format=raw,unit=0,readonly=on,file=${FIRMWARE}`],
  ];
  const qemu = spawn('setpriv', args.flat(), { stdio: ['ignore', 'pipe', 'ignore'] });
  const timer = setTimeout(() => qemu.kill('SIGKILL'), PROBE_MS);
  let hasSpoken = false;
  qemu.stdout.once('data', () => {
    hasSpoken = true;
    qemu.kill('SIGKILL');
  });
  await once(qemu, 'exit');
  clearTimeout(timer);
  return hasSpoken;
}
