import { join } from 'node:path';
import type { ActuatorManifest } from '@physiclaw/contracts';

export interface BuiltIn {
  readonly manifest: ActuatorManifest;
  /** Host path of its program. */
  readonly program: string;
}

const MiB = 1024 ** 2;
type Limits = ActuatorManifest['limits'];
const READING = limits({ cpuSeconds: 10, memoryBytes: 256 * MiB, processes: 32, wallSeconds: 30 });
const SURVEYING = limits({ ...READING, memoryBytes: 512 * MiB, cpuSeconds: 20, wallSeconds: 60 });
// For a command the configuration's limits are the narrower ones.
const COMMAND = limits({
  cpuSeconds: 600,
  memoryBytes: 4096 * MiB,
  processes: 512,
  wallSeconds: 600,
});

const path = text(4096);
const FILE_NAME = '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$';

const MANIFESTS: readonly ActuatorManifest[] = [
  {
    ...manifest('exec', 'Run a program of the host on a copy of the workspace', {
      'argv!': { type: 'array', items: text(32_768, 0), minItems: 1, maxItems: 256 },
      cwd: path,
    }),
    effects: ['read-workspace', 'write-workspace', 'execute'],
    limits: COMMAND,
  },
  {
    ...manifest('read_file', 'Read a file of the workspace', {
      'path!': path,
      offset: count(0, 2 ** 40),
      length: count(1, MiB),
    }),
    operands: ['path'],
  },
  manifest('list_dir', 'List a folder of the workspace', { path }),
  manifest('search_text', 'Search the files of the workspace for a text', {
    'pattern!': text(1024),
    path,
    regex: { type: 'boolean' },
  }),
  {
    ...manifest('write_file', 'Write a file of the workspace', {
      'path!': path,
      'content!': text(MiB, 0),
      mode: { type: 'string', enum: ['644', '755'] },
    }),
    effects: ['write-workspace'],
  },
  {
    ...manifest('export_file', 'Copy a file of the workspace into a named folder of the host', {
      'path!': path,
      'folder!': { ...text(64), 'x-mount': 'write' },
      'name!': { type: 'string', pattern: FILE_NAME },
    }),
    effects: ['read-workspace', 'export'],
    operands: ['path'],
  },
  survey(
    'system',
    manifest('disk_usage', 'How full the disks are, and which folders fill them', {
      paths: { type: 'array', items: path, maxItems: 16 },
      top: count(1, 100),
    }),
  ),
  survey(
    'logs',
    manifest('log_shapes', 'What the logs say: how often, since when, new or more than before', {
      recentMinutes: count(1, 10_080),
      earlierMinutes: count(1, 43_200),
      until: { type: 'string', format: 'date-time' },
      top: count(1, 500),
    }),
  ),
  survey(
    'processes',
    manifest('process_list', 'Processes, memory, load and pressure', { top: count(1, 500) }),
  ),
];

/** The actuators that come with the appliance; their programs lie in one folder. */
export function builtIn(programs: string): BuiltIn[] {
  return MANIFESTS.map((of) => ({ manifest: of, program: join(programs, `${of.name}.js`) }));
}

/** One that reads the workspace. A property with `!` must be given; all can be, in this order. */
function manifest(
  name: string,
  title: string,
  properties: Record<string, object>,
): ActuatorManifest {
  const named = Object.entries(properties).map(([key, schema]) => ({
    name: key.replace('!', ''),
    schema,
    required: key.endsWith('!'),
  }));
  return {
    name,
    title,
    schema: {
      type: 'object',
      properties: Object.fromEntries(named.map((property) => [property.name, property.schema])),
      required: named.filter(({ required }) => required).map((property) => property.name),
      'x-order': named.map((property) => property.name),
    },
    effects: ['read-workspace'],
    operands: [],
    mounts: [],
    limits: READING,
  };
}

/** One that looks at the host instead, through one named folder. */
function survey(mount: string, of: ActuatorManifest): ActuatorManifest {
  const mounts = [{ name: mount, access: 'read' as const }];
  return { ...of, effects: ['read-mount'], mounts, limits: SURVEYING };
}

function limits(of: Omit<Limits, 'outputBytes'>): Limits {
  return { ...of, outputBytes: 8 * MiB };
}

function text(maxLength: number, minLength = 1): object {
  return { type: 'string', minLength, maxLength };
}

function count(minimum: number, maximum: number): object {
  return { type: 'integer', minimum, maximum };
}
