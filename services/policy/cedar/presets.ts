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
