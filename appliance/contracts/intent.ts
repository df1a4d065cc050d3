import { z } from 'zod';
import { Digest, SessionId, TreePath, TurnId } from './name.ts';

/** What a call can do to the world; the floor of human signatures hangs on these. */
export const Effect = z.enum([
  'read-workspace',
  'write-workspace',
  'read-mount',
  'write-mount',
  'execute',
  'export',
]);
export type Effect = z.infer<typeof Effect>;

/** What a run may use; reaching a limit ends it, and the outcome says which. */
export const Limits = z.strictObject({
  /** CPU seconds of all its processes together. */
  cpuSeconds: z.number().positive(),
  /** Bytes of memory of all its processes together. */
  memoryBytes: z.int().positive(),
  processes: z.int().positive(),
  /** Bytes that it may write to standard output and error, each. */
  outputBytes: z.int().positive(),
  /** Seconds on the clock. */
  wallSeconds: z.number().positive(),
});
export type Limits = z.infer<typeof Limits>;

/** How a run is confined. Chosen by `tools`, named in the intent, so a person approves it too. */
export const Profile = z.strictObject({
  name: z.string().regex(/^[a-z][a-z-]*$/),
  driver: z.string().regex(/^[a-z][a-z0-9-]*$/),
  /** What enforces the limits on this machine. */
  limiter: z.enum(['cgroup-v2', 'cgroup-v1', 'rlimits']),
  limits: Limits,
  network: z.literal('none'),
});
export type Profile = z.infer<typeof Profile>;

/** A file that the call names, by the bytes it had when the intent was made. */
export const Operand = z.strictObject({
  argument: z.string(),
  path: TreePath,
  digest: Digest,
  size: z.int().nonnegative(),
});
export type Operand = z.infer<typeof Operand>;

/**
 * What is wanted, as data. Its canonical JSON is what a person approves, what the log names by its
 * SHA-256 and what runs.
 */
export const Intent = z.strictObject({
  version: z.literal(1),
  session: SessionId,
  turn: TurnId,
  actuator: z.string().regex(/^[a-z][a-z0-9_]*$/),
  /** The program that will act: the actuator's own file, or for `exec` the command's. */
  program: z.strictObject({ path: z.string(), digest: Digest }),
  arguments: z.record(z.string(), z.json()),
  effects: z.array(Effect).min(1),
  operands: z.array(Operand),
  /** The workspace's tree that the call sees. */
  tree: Digest,
  /** Where `/usr` comes from: the host's, read-only. */
  base: z.literal('host'),
  environment: z.record(z.string(), z.string()),
  /** Named host folders that the call sees, and how. */
  mounts: z.array(z.strictObject({ name: z.string(), access: z.enum(['read', 'write']) })),
  profile: Profile,
  /** Log indices that each argument was made from. */
  provenance: z.record(z.string(), z.array(z.int().nonnegative())),
  /** 128 random bits, base64: the log's hash of an intent says nothing about a guessable one. */
  salt: z.base64(),
});
export type Intent = z.infer<typeof Intent>;

/** One path of a workspace's tree. Symbolic links are data: nothing outside a sandbox follows one. */
export const TreeEntry = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('file'),
    path: TreePath,
    mode: z.union([z.literal(0o644), z.literal(0o755)]),
    size: z.int().nonnegative(),
    digest: Digest,
  }),
  z.strictObject({ type: z.literal('link'), path: TreePath, target: z.string().min(1).max(4096) }),
  z.strictObject({ type: z.literal('folder'), path: TreePath }),
]);
export type TreeEntry = z.infer<typeof TreeEntry>;

/** A workspace's tree: its entries sorted by path, each path once. Its digest names the tree. */
export const TreeManifest = z.strictObject({
  version: z.literal(1),
  entries: z.array(TreeEntry).max(20_000),
});
export type TreeManifest = z.infer<typeof TreeManifest>;
