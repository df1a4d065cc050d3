import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../steps/command.ts';
import { type Accelerator, accelerator } from './accelerator.ts';
import { Monitor } from './qmp.ts';
import { Screen } from './screen.ts';
import { makeTpm, startTpm } from './tpm.ts';

const FIRMWARE = '/usr/share/OVMF/OVMF_CODE_4M.secboot.fd';

/** The address that frames of the machine bear. */
export const MAC = '52:54:00:12:34:56';
/** Where the machine finds its neighbour, if it is given one. */
export const NEIGHBOUR = { address: '10.0.2.100', port: 6514 } as const;
/** Without a boot program of its own, so that the firmware does not speak either. */
const CARD = `virtio-net-pci,romfile=,netdev=net,mac=${MAC}`;

export interface Parts {
  /** What its disk begins with; stays as it is. */
  readonly disk: string;
  readonly format: 'raw' | 'qcow2' | 'vmdk';
  /** The firmware's variables. */
  readonly vars: string;
}

/** A port of this computer's loopback that leads to the console's door, and a file of all frames. */
interface Forwarded {
  readonly port: number;
  readonly frames: string;
  /** A port of this loopback that the machine reaches, once, at `NEIGHBOUR`; else it reaches nobody. */
  readonly neighbour?: number;
}

/** A Unix socket that carries the frames: whoever listens there is the whole network. */
interface Wired {
  readonly wire: string;
}

type Network = Forwarded | Wired;

export interface Power {
  /** A second disk. */
  readonly seed?: string | undefined;
  /** No network card where absent. */
  readonly network?: Network | undefined;
  /** Strings of SMBIOS type 11, as a hypervisor may hand them over. */
  readonly smbios?: readonly string[];
  readonly snapshot?: string;
  /** Other than a virtio disk. */
  readonly controller?: 'ahci';
}

/** One virtual machine: its folder holds disk, variables and TPM, and is the whole of it. */
export class Machine implements AsyncDisposable {
  readonly folder: string;
  readonly screen = new Screen();
  readonly #qemu: ChildProcess;
  readonly #monitor: Monitor;

  private constructor(folder: string, qemu: ChildProcess, monitor: Monitor) {
    this.folder = folder;
    this.#qemu = qemu;
    this.#monitor = monitor;
    qemu.stdout?.setEncoding('utf8').on('data', (text: string) => this.screen.write(text));
    qemu.once('exit', () => this.screen.end());
  }

  /** Puts a new machine into a folder. */
  static make(folder: string, { disk, format, vars }: Parts): void {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const backing = ['-b', disk, '-F', format];
    command('qemu-img', ['create', '-q', '-f', 'qcow2', ...backing, join(folder, 'disk.qcow2')]);
    // Of a format that keeps snapshots, like the disk.
    command('qemu-img', ['convert', '-O', 'qcow2', vars, join(folder, 'vars.qcow2')]);
    makeTpm(join(folder, 'tpm'));
  }

  /** The same machine a second time, snapshots included. */
  static copy(from: string, to: string): void {
    rmSync(to, { recursive: true, force: true });
    cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('.sock') });
  }

  /** Turns it on. Dispose of it to pull the plug. */
  static async start(folder: string, power: Power = {}): Promise<Machine> {
    const sockets = { tpm: join(folder, 'tpm.sock'), monitor: join(folder, 'monitor.sock') };
    const monitor = await Monitor.listen(sockets.monitor);
    await startTpm(join(folder, 'tpm'), sockets.tpm);
    const args = argumentsOf(folder, power, await accelerator());
    writeFileSync(join(folder, 'command'), args.join('\n'));
    const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A Ctrl-C in the terminal is for whoever started it: he presses the power button then.
      detached: true,
    });
    let said = '';
    qemu.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = new AbortController();
    qemu.once('exit', () => ended.abort(new Error(`QEMU ended: ${said}`)));
    const machine = new Machine(folder, qemu, monitor);
    try {
      await monitor.connected(ended.signal);
    } catch (cause) {
      monitor[Symbol.dispose]();
      throw new Error(`the machine did not start: ${said}`, { cause });
    }
    return machine;
  }

  get isOn(): boolean {
    return this.#qemu.exitCode === null && this.#qemu.signalCode === null;
  }

  /** Keeps the machine as it is at this moment under a name. */
  async keep(snapshot: string): Promise<void> {
    const line = { 'command-line': `savevm ${snapshot}` };
    const said = await this.#monitor.execute('human-monitor-command', line);
    if (said !== '') throw new Error(`expected the machine to be kept; QEMU said: ${String(said)}`);
  }

  /** Presses the power button, and pulls the plug where that does not help. */
  async turnOff(seconds = 90): Promise<boolean> {
    await this.#monitor.execute('system_powerdown');
    return await this.off(seconds);
  }

  /** Whether it went off by itself in time. */
  async off(seconds: number): Promise<boolean> {
    if (!this.isOn) return true;
    try {
      const signal = Number.isFinite(seconds) ? AbortSignal.timeout(seconds * 1000) : null;
      await once(this.#qemu, 'exit', signal ? { signal } : {});
      return true;
    } catch {
      // The caller learns it from the answer.
      return false;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isOn) {
      this.#qemu.kill('SIGKILL');
      await once(this.#qemu, 'exit');
    }
    this.#monitor[Symbol.dispose]();
    writeFileSync(join(this.folder, 'serial.log'), this.screen.text);
  }
}

function argumentsOf(folder: string, power: Power, how: Accelerator): string[] {
  return [
    ['-machine', 'q35,smm=on', '-accel', how.accel, '-cpu', how.cpu, '-smp', '2', '-m', '1536'],
    ['-nographic', '-nodefaults', '-no-user-config', '-no-reboot', '-serial', 'stdio'],
    ['-global', 'driver=cfi.pflash01,property=secure,value=on'],
    // From the disk or not at all: a firmware that may would look for a network to start from.
    ['-boot', 'strict=on'],
    ['-drive', `if=pflash,format=raw,unit=0,readonly=on,file=${FIRMWARE}`],
    ['-drive', `if=pflash,format=qcow2,unit=1,file=${join(folder, 'vars.qcow2')}`],
    ['-qmp', `unix:${join(folder, 'monitor.sock')}`, '-device', 'virtio-rng-pci'],
    ['-chardev', `socket,id=tpm,path=${join(folder, 'tpm.sock')}`],
    ['-tpmdev', 'emulator,id=tpm0,chardev=tpm', '-device', 'tpm-tis,tpmdev=tpm0'],
    diskOf(folder, power),
    networkOf(power),
    (power.smbios ?? []).flatMap((value) => ['-smbios', `type=11,value=${value}`]),
    power.snapshot === undefined ? [] : ['-loadvm', power.snapshot],
  ].flat();
}

function diskOf(folder: string, { seed, controller }: Power): string[] {
  const disk = `if=none,id=disk,file=${join(folder, 'disk.qcow2')},format=qcow2`;
  const device =
    controller === 'ahci'
      ? ['-device', 'ahci,id=ahci', '-device', 'ide-hd,bus=ahci.0,drive=disk,bootindex=1']
      : ['-device', 'virtio-blk-pci,drive=disk,bootindex=1'];
  if (seed === undefined) return ['-drive', disk, ...device];
  if (!existsSync(seed)) throw new Error(`expected a seed disk at ${seed}`);
  const second = `if=none,id=seed,file=${seed},format=raw,readonly=on`;
  return ['-drive', disk, ...device, '-drive', second, '-device', 'virtio-blk-pci,drive=seed'];
}

/** Nothing leaves this machine by it but for its neighbour; who connects to the port is let through. */
function networkOf({ network }: Power): string[] {
  if (network === undefined) return ['-nic', 'none'];
  if ('wire' in network) {
    const to = `addr.type=unix,addr.path=${network.wire}`;
    // The other network stays, with nobody on it: a snapshot that was taken with it expects it.
    const unused = ['-netdev', 'user,id=unused,restrict=on'];
    return [...unused, '-netdev', `stream,id=net,server=off,${to}`, '-device', CARD];
  }
  const { neighbour } = network;
  const { address, port } = NEIGHBOUR;
  const ways = [
    `hostfwd=tcp:127.0.0.1:${network.port}-10.0.2.15:18443`,
    neighbour && `guestfwd=tcp:${address}:${port}-tcp:127.0.0.1:${neighbour}`,
  ].filter(Boolean);
  return [
    ['-netdev', `user,id=net,restrict=on,${ways.join(',')}`, '-device', CARD],
    ['-object', `filter-dump,id=frames,netdev=net,file=${network.frames}`],
  ].flat();
}
