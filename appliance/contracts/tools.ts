import { z } from 'zod';
import type { Api } from './api.ts';
import { Receipt } from './entry.ts';
import { Effect, Limits, TreeEntry } from './intent.ts';
import { Base64, Digest, SessionId, TurnId } from './name.ts';

/** What an actuator says of itself; built-in ones and plug-ins alike. */
export const ActuatorManifest = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]*$/),
  title: z.string(),
  /**
   * JSON Schema of its arguments; `x-order` lists the names that positional arguments fill, and a
   * property with `x-mount`, `read` or `write`, has the name of a host folder as its value.
   */
  schema: z.looseObject({ type: z.literal('object') }),
  effects: z.array(Effect).min(1),
  /** Names of arguments whose value is a path of the tree: each becomes an operand. */
  operands: z.array(z.string()),
  /** Named host folders that it sees. */
  mounts: z.array(z.strictObject({ name: z.string(), access: z.enum(['read', 'write']) })),
  limits: Limits,
});
export type ActuatorManifest = z.infer<typeof ActuatorManifest>;

/** One request on an actuator's standard input, in the shape of MCP's `tools/call`. */
export const ActuatorRequest = z.strictObject({
  jsonrpc: z.literal('2.0'),
  id: z.literal(1),
  method: z.literal('tools/call'),
  params: z.strictObject({ name: z.string(), arguments: z.record(z.string(), z.json()) }),
});
export type ActuatorRequest = z.infer<typeof ActuatorRequest>;

/** One reply on its standard output: MCP's `CallToolResult`. */
export const ActuatorReply = z.looseObject({
  jsonrpc: z.literal('2.0'),
  id: z.literal(1),
  result: z.strictObject({
    content: z.array(z.strictObject({ type: z.literal('text'), text: z.string() })),
    structuredContent: z.record(z.string(), z.json()).optional(),
    isError: z.boolean().default(false),
  }),
});
export type ActuatorReply = z.infer<typeof ActuatorReply>;

export const tools = {
  service: 'tools',
  errors: {
    TOOLS_ACTUATOR_UNKNOWN: 404,
    TOOLS_ARGUMENTS_INVALID: 400,
    TOOLS_OPERAND_MISSING: 404,
    TOOLS_MOUNT_UNKNOWN: 404,
    TOOLS_SESSION_UNKNOWN: 404,
    TOOLS_SESSION_EXISTS: 409,
    TOOLS_BLOB_MISMATCH: 400,
    TOOLS_BLOB_UNKNOWN: 404,
    TOOLS_TREE_INVALID: 400,
    TOOLS_TREE_FOREIGN: 403,
    TOOLS_TREE_STALE: 409,
    TOOLS_INTENT_MALFORMED: 400,
    TOOLS_RECEIPT_INVALID: 403,
    TOOLS_LOG_FORKED: 403,
    TOOLS_REPORTER_FOREIGN: 403,
    TOOLS_KIND_WRONG: 403,
    TOOLS_NOT_ALLOWED: 403,
    TOOLS_SESSION_MISMATCH: 403,
    TOOLS_INTENT_MISMATCH: 403,
    TOOLS_CAPABILITY_MISMATCH: 403,
    TOOLS_EPOCH_PAST: 403,
    TOOLS_EXPIRED: 403,
    TOOLS_DELEGATION_INVALID: 403,
    TOOLS_INVOCATION_INVALID: 403,
    TOOLS_PROFILE_MISMATCH: 403,
    TOOLS_FLOOR_UNMET: 403,
    TOOLS_STATEMENT_INVALID: 403,
    TOOLS_CAPABILITY_SPENT: 409,
    TOOLS_PROGRAM_CHANGED: 409,
    TOOLS_LEASE_ENDED: 503,
    TOOLS_SANDBOX_MISSING: 503,
    TOOLS_DISK_FULL: 507,
  },
  calls: {
    /** Takes one file that a person sends into a session's workspace. */
    receiveBlob: {
      name: 'receiveBlob',
      callers: ['gateway'],
      request: z.strictObject({ session: SessionId, digest: Digest, bytes: Base64 }),
      reply: z.strictObject({}),
    },
    /** Makes a session's first tree; each file of it was received in this session before. */
    openWorkspace: {
      name: 'openWorkspace',
      callers: ['gateway'],
      request: z.strictObject({ session: SessionId, entries: z.array(TreeEntry).max(20_000) }),
      reply: z.strictObject({ tree: Digest }),
    },
    /** Makes the intent of a call. Pure: nothing is recorded, nothing runs. */
    prepare: {
      name: 'prepare',
      callers: ['agent'],
      request: z.strictObject({
        session: SessionId,
        turn: TurnId,
        actuator: z.string().max(64),
        arguments: z.record(z.string(), z.json()),
        provenance: z.record(z.string(), z.array(z.int().nonnegative())).default({}),
      }),
      reply: z.strictObject({ intent: z.string(), hash: Digest }),
    },
    /** The gate. Runs the intent if every proof holds; answers when the outcome is in the log. */
    act: {
      name: 'act',
      callers: ['agent'],
      request: z.strictObject({
        intent: z.string().max(262_144),
        delegation: Base64,
        invocation: Base64,
        receipt: Receipt,
      }),
      reply: z.strictObject({ receipt: Receipt }),
      patienceMs: 900_000,
    },
    /** What became of an act: asked after a crash, instead of acting twice. */
    outcome: {
      name: 'outcome',
      callers: ['agent'],
      request: z.strictObject({ session: SessionId, capability: z.string().max(64) }),
      reply: z.strictObject({
        state: z.enum(['never-started', 'running', 'ended']),
        receipt: Receipt.optional(),
      }),
    },
    /** Bytes that belong to a session: a reply, or a file of one of its trees. */
    readBlob: {
      name: 'readBlob',
      callers: ['agent', 'gateway'],
      request: z.strictObject({
        session: SessionId,
        digest: Digest,
        offset: z.int().nonnegative().default(0),
        length: z.int().min(1).max(4_194_304).default(4_194_304),
      }),
      reply: z.strictObject({ bytes: Base64, size: z.int() }),
    },
    actuators: {
      name: 'actuators',
      callers: ['agent', 'gateway'],
      request: z.strictObject({}),
      reply: z.strictObject({
        actuators: z.array(ActuatorManifest.extend({ floor: z.int().nonnegative() })),
      }),
    },
    status: {
      name: 'status',
      callers: ['gateway'],
      request: z.strictObject({}),
      reply: z.strictObject({
        driver: z.string(),
        /** Why no sandbox can be made here, where none can. */
        missing: z.string().optional(),
        limiter: z.string(),
        running: z.int(),
        leased: z.boolean(),
        mounts: z.array(z.string()),
      }),
    },
  },
} as const satisfies Api;
