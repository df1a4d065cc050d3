import type { ActuatorManifest } from '@physiclaw/contracts';
import type { Driver, Ended, Run } from '#appliance/sandbox/driver.ts';

const REPLY = new TextEncoder().encode('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');

export const limits = {
  cpuSeconds: 10,
  memoryBytes: 2 ** 28,
  processes: 16,
  outputBytes: 2 ** 20,
  wallSeconds: 10,
};

export function manifest(
  name: string,
  more: Partial<ActuatorManifest> & { properties?: object } = {},
): ActuatorManifest {
  const { properties = { path: { type: 'string' } }, ...rest } = more;
  return {
    name,
    title: name,
    schema: { type: 'object', properties },
    effects: ['read-workspace'],
    operands: [],
    mounts: [],
    limits,
    ...rest,
  };
}

/** Actuators as the built-in ones are, in small. */
export const MANIFESTS = [
  manifest('read_file', { operands: ['path'] }),
  manifest('list_dir'),
  manifest('write_file', {
    properties: { path: { type: 'string' }, text: { type: 'string' } },
    effects: ['write-workspace'],
  }),
  manifest('exec', {
    properties: { argv: { type: 'array', items: { type: 'string' } } },
    effects: ['execute'],
  }),
  manifest('export_file', {
    properties: { path: { type: 'string' }, folder: { type: 'string', 'x-mount': 'write' } },
    effects: ['export'],
    operands: ['path'],
  }),
  manifest('disk_usage', {
    properties: {},
    effects: ['read-mount'],
    mounts: [{ name: 'system', access: 'read' }],
  }),
];

export const ENDED: Ended = {
  status: 'ok',
  exit: 0,
  output: REPLY,
  truncated: false,
  resources: { wallMs: 1, cpuMs: 1, memoryBytes: 1 },
};

/** Runs nothing, and counts what it was told to run: an effect is a start. */
export class TestDriver implements Driver {
  readonly name = 'bubblewrap';
  readonly limiter = 'rlimits';
  missing: string | undefined = undefined;
  readonly runs: Run[] = [];
  behave: (run: Run) => Ended | Promise<Ended> = () => ENDED;

  async start(run: Run): Promise<Ended> {
    this.runs.push(run);
    return this.behave(run);
  }
}
