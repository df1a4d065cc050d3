import { randomBytes } from 'node:crypto';
import type { Intent } from '@physiclaw/contracts';

/** A name as the services make them: a letter and 128 random bits. */
export const newName = (letter: string) => `${letter}-${randomBytes(16).toString('hex')}`;

const digest = '0'.repeat(64);

/** What `tools` would make of a call, with whatever a test wants otherwise. */
export function intentOf(more: Partial<Intent> = {}): Intent {
  return {
    version: 1,
    session: newName('s'),
    turn: newName('t'),
    actuator: 'read_file',
    program: { path: '/opt/actuators/read_file.js', digest },
    arguments: {},
    effects: ['read-workspace'],
    operands: [],
    tree: digest,
    base: 'host',
    environment: {},
    mounts: [],
    profile: {
      name: 'sandbox',
      driver: 'bubblewrap',
      limiter: 'rlimits',
      limits: { cpuSeconds: 1, memoryBytes: 1, processes: 1, outputBytes: 1, wallSeconds: 1 },
      network: 'none',
    },
    provenance: {},
    salt: randomBytes(16).toString('base64'),
    ...more,
  };
}

/** An intent of each built-in actuator, as its manifest makes it. */
export const calls: Readonly<Record<string, Partial<Intent>>> = {
  read_file: { arguments: { path: 'a.txt' } },
  list_dir: { arguments: { path: 'src' } },
  search_text: { arguments: { pattern: 'x' } },
  write_file: {
    arguments: { path: 'a.txt', text: 'hello' },
    effects: ['read-workspace', 'write-workspace'],
  },
  disk_usage: { effects: ['read-mount'], mounts: [{ name: 'system', access: 'read' }] },
  log_shapes: { effects: ['read-mount'], mounts: [{ name: 'logs', access: 'read' }] },
  process_list: { effects: ['read-mount'], mounts: [{ name: 'processes', access: 'read' }] },
  export_file: {
    arguments: { path: 'report.md', folder: 'reports' },
    effects: ['read-workspace', 'export'],
    operands: [{ argument: 'path', path: 'report.md', digest, size: 1000 }],
    mounts: [{ name: 'reports', access: 'write' }],
  },
  exec: {
    arguments: { argv: ['ls', '-l'] },
    effects: ['execute', 'read-workspace', 'write-workspace'],
    program: { path: '/usr/bin/ls', digest },
  },
  append_line: { effects: ['write-mount'], mounts: [{ name: 'ledger', access: 'write' }] },
};
