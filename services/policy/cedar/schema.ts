import type { Effect } from '@physiclaw/contracts';

/**
 * Actuators that a rule can name as its action, and what each does at least; any other is the
 * action `plugin`. An actuator says itself what it does; of these it is known here, so that an
 * intent that names less gains nothing.
 */
export const builtIn: ReadonlyMap<string, Effect> = new Map<string, Effect>([
  ['disk_usage', 'read-mount'],
  ['exec', 'execute'],
  ['export_file', 'export'],
  ['list_dir', 'read-workspace'],
  ['log_shapes', 'read-mount'],
  ['process_list', 'read-mount'],
  ['read_file', 'read-workspace'],
  ['search_text', 'read-workspace'],
  ['write_file', 'write-workspace'],
]);

/**
 * What rules can speak of. Every attribute is required, so a rule that was found valid here never
 * meets a missing one; Cedar would skip such a rule, be it a `forbid`.
 */
export const schema = `
entity Person;

// A session's workspace, a named folder of the host, a named folder that files are exported into.
entity Workspace, Mount, Folder;

type Call = {
  actuator: String,
  // What the call does to this resource: "read", "write" or "execute".
  access: String,
  // All that the call does: "read-workspace", "write-workspace", "read-mount", "write-mount", "execute", "export".
  effects: Set<String>,
  // The program that acts, and of exec the command's name as it was typed; otherwise "".
  program: String,
  command: String,
  // Files of the workspace that the call names.
  paths: Set<String>,
  mounts: Set<String>,
  // Whether a person approved exactly this call.
  approved: Bool,
  // "solo" or "people".
  mode: String,
};

action ${[...builtIn.keys(), 'plugin'].join(', ')} appliesTo {
  principal: Person,
  resource: [Workspace, Mount, Folder],
  context: Call,
};
`;

const read = `permit (principal, action, resource)
when { context.access == "read" && (resource is Workspace || resource is Mount) };`;

const writeFile = `permit (principal, action == Action::"write_file", resource is Workspace)
when { context.access == "write" };`;

// The gate runs none of these without a person's signature, so nobody gains from an allow.
const floor = `forbid (principal, action, resource)
when { context.effects.containsAny(["execute", "export", "write-mount"]) }
unless { context.approved };`;

const approved = `permit (principal, action, resource) when { context.approved };`;

/** The rules that each preset begins with, in Cedar, by the names that entries give them. */
export const presets = {
  balanced: {
    'balanced:read': read,
    'balanced:write-file': writeFile,
    'balanced:floor': floor,
    'balanced:approved': approved,
  },
  strict: {
    'strict:read': read,
    'strict:floor': floor,
    'strict:approved': approved,
  },
} as const satisfies Record<string, Record<string, string>>;
export type Preset = keyof typeof presets;
