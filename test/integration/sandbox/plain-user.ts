import { execFile } from 'node:child_process';
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
import type { Limits } from '@physiclaw/contracts';
import type { Run } from '#services/tools/sandbox/driver.ts';
import { built } from '../../services/tools/built.ts';
import { node } from '../../services/tools/sandbox/rig.ts';

/** A user without a name, as `stack` makes them for services. */
const UID = 64_105;
const NOBODY = [
  '--reuid',
  `${UID}`,
  '--regid',
  `${UID}`,
  '--clear-groups',
  '--inh-caps=-all',
  '--bounding-set=-all',
];

export interface PlainEnd {
  readonly missing?: string;
  readonly limiter: string;
  readonly ended: { status: string; reason?: string; output: string; resources: object };
}

export interface PlainUser extends Disposable {
  readonly folder: string;
  run(script: string, wish?: Partial<Run> & { limits?: Partial<Limits> }): Promise<PlainEnd>;
}

/** Makes runs as a user that owns nothing but a folder; as oneself where one is no root. */
export async function plainUser(): Promise<PlainUser> {
  const folder = mkdtempSync(join(tmpdir(), 'plain-'));
  chmodSync(folder, 0o755);
  const file = (name: string) => join(folder, name);
  // The clone may lie where nobody else may look.
  copyFileSync(node, file('node'));
  writeFileSync(file('supervisor.js'), await built('services/tools/supervisor/main.ts'));
  writeFileSync(file('as-user.mjs'), await built('test/integration/sandbox/as-user.ts'));
  for (const own of ['scratch', 'workspace']) {
    mkdirSync(file(own));
    if (process.getuid?.() === 0) chownSync(file(own), UID, UID);
  }
  const options = {
    scratch: file('scratch'),
    node: file('node'),
    supervisor: file('supervisor.js'),
    killFile: file('kill'),
    masked: [],
  };
  return {
    folder,
    async run(script, { limits, ...run } = {}) {
      const order = {
        request: '{}',
        workspace: file('workspace'),
        writable: false,
        mounts: [],
        operands: [],
        environment: {},
        profile: {
          name: 'sandbox',
          driver: 'bubblewrap',
          limiter: 'rlimits',
          network: 'none',
          limits: {
            cpuSeconds: 10,
            memoryBytes: 256 * 1024 ** 2,
            processes: 64,
            outputBytes: 1024 ** 2,
            wallSeconds: 20,
            ...limits,
          },
        },
        ...run,
      };
      const command = [file('node'), file('as-user.mjs')];
      const argv = process.getuid?.() === 0 ? ['setpriv', ...NOBODY, ...command] : command;
      return JSON.parse(await ask(argv, JSON.stringify({ options, script, run: order })));
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function ask([program = '', ...rest]: string[], question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, rest, { cwd: '/', env: {} }, (error, answer) =>
      error === null ? resolve(answer) : reject(error),
    );
    child.stdin?.end(question);
  });
}
