import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Limits } from '@physiclaw/contracts';
import type { Run } from '#appliance/sandbox/driver.ts';
import type { DriverOptions } from '#appliance/sandbox/open.ts';
import { built } from '../../services/tools/built.ts';
import { node } from '../../appliance/sandbox/rig.ts';

/** A user without a name, as `stack` makes them for services. */
export const UID = 64_105;
const isRoot = process.getuid?.() === 0;
const NOBODY = ['--reuid', `${UID}`, '--regid', `${UID}`, '--clear-groups', '--bounding-set=-all'];

const LIMITS: Limits = {
  cpuSeconds: 10,
  memoryBytes: 256 * 1024 ** 2,
  processes: 64,
  outputBytes: 1024 ** 2,
  wallSeconds: 20,
};

interface PlainEnd {
  readonly missing?: string;
  readonly limiter: string;
  readonly ended: {
    status: string;
    reason?: string;
    output: string;
    resources: { wallMs: number };
  };
}

export interface Wish extends Partial<Omit<Run, 'profile' | 'program'>> {
  readonly limits?: Partial<Limits>;
  readonly leaseSeconds?: number;
  readonly cgroup?: DriverOptions['cgroup'];
}

export interface PlainUser extends Disposable {
  readonly folder: string;
  readonly killFile: string;
  /** The process that holds the driver, and what it will say of its one run. */
  start(script: string, wish?: Wish): { tools: ChildProcess; end: Promise<PlainEnd> };
  run(script: string, wish?: Wish): Promise<PlainEnd>;
}

/** Makes runs as a user that owns nothing but a folder; as oneself where one is no root. */
export async function plainUser(): Promise<PlainUser> {
  const folder = mkdtempSync(join(tmpdir(), 'plain-'));
  chmodSync(folder, 0o755);
  const file = (name: string) => join(folder, name);
  // The clone may lie where nobody else may look.
  copyFileSync(node, file('node'));
  writeFileSync(file('supervisor.js'), await built('appliance/sandbox/supervisor/main.ts'));
  writeFileSync(file('as-user.mjs'), await built('test/integration/sandbox/plain-user/main.ts'));
  for (const own of ['scratch', 'workspace']) {
    mkdirSync(file(own));
    if (isRoot) chownSync(file(own), UID, UID);
  }
  const places = {
    scratch: file('scratch'),
    node: file('node'),
    supervisor: file('supervisor.js'),
  };
  const options = { ...places, killFile: file('kill'), masked: [] };
  const nothing = { request: '{}', writable: false, mounts: [], operands: [], environment: {} };
  const start: PlainUser['start'] = (
    script,
    { limits, leaseSeconds = 60, cgroup, ...run } = {},
  ) => {
    const limiter = cgroup === undefined ? 'rlimits' : `cgroup-v${cgroup.version}`;
    const profile = { name: 'sandbox', driver: 'bubblewrap', limiter, network: 'none' };
    const errand = {
      options: { ...options, cgroup },
      script,
      leaseSeconds,
      run: {
        ...nothing,
        workspace: file('workspace'),
        profile: { ...profile, limits: { ...LIMITS, ...limits } },
        ...run,
      },
    };
    const argv = [file('node'), file('as-user.mjs')];
    const [program = '', ...rest] = isRoot ? ['setpriv', ...NOBODY, '--', ...argv] : argv;
    const tools = spawn(program, rest, { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'inherit'] });
    tools.stdin.end(JSON.stringify(errand));
    return { tools, end: text(tools.stdout).then((said) => JSON.parse(said || 'null')) };
  };
  return {
    folder,
    killFile: file('kill'),
    start,
    run: (script, wish) => start(script, wish).end,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
