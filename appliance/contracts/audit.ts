import { z } from 'zod';
import type { Api } from './api.ts';
import { LogEvent, Receipt } from './entry.ts';

const size = z.int().nonnegative();

export const audit = {
  service: 'audit',
  errors: {
    AUDIT_KIND_REFUSED: 403,
    AUDIT_ENTRY_TOO_LARGE: 413,
    AUDIT_ALREADY_USED: 409,
    AUDIT_INDEX_BEYOND_LOG: 404,
    AUDIT_FILE_UNKNOWN: 404,
    AUDIT_DISK_FULL: 507,
    AUDIT_LOG_BROKEN: 500,
    AUDIT_LOG_FORKED: 500,
    AUDIT_KEY_FOREIGN: 500,
  },
  calls: {
    /**
     * Answers once the event is durable. Callers record before they act: an action whose event
     * cannot be recorded must not happen. Each key of `once` is accepted once for ever.
     */
    append: {
      name: 'append',
      callers: ['identity', 'policy', 'inference', 'tools', 'agent', 'gateway'],
      request: z.strictObject({
        event: LogEvent,
        once: z.array(z.string().min(1).max(128)).max(8).default([]),
      }),
      reply: Receipt,
    },
    /** The latest signed checkpoint: a signed note (C2SP). */
    checkpoint: {
      name: 'checkpoint',
      callers: ['policy', 'tools', 'agent', 'gateway', 'siem'],
      request: z.strictObject({}),
      reply: z.strictObject({ checkpoint: z.string(), size }),
    },
    /** An entry with its proof in the tree of the latest checkpoint. */
    receipt: {
      name: 'receipt',
      callers: ['policy', 'tools', 'agent', 'gateway'],
      request: z.strictObject({ index: size }),
      reply: Receipt,
    },
    /** RFC 6962 consistency proof between two sizes, base64 hashes. */
    consistency: {
      name: 'consistency',
      callers: ['tools', 'gateway', 'siem'],
      request: z.strictObject({ from: size, to: size }),
      reply: z.strictObject({ proof: z.array(z.base64()) }),
    },
    /** The bytes of entries from an index on, oldest first. */
    entries: {
      name: 'entries',
      callers: ['policy', 'tools', 'gateway', 'siem'],
      request: z.strictObject({ from: size, count: z.int().min(1).max(256) }),
      reply: z.strictObject({ size, entries: z.array(z.string()) }),
    },
    /** The names of all files of the log, relative to its folder. */
    files: {
      name: 'files',
      callers: ['gateway'],
      request: z.strictObject({}),
      reply: z.strictObject({ size, files: z.array(z.string()) }),
    },
    /** One file of the log as it lies on the disk: a tile, an entry bundle, the checkpoint. */
    file: {
      name: 'file',
      callers: ['gateway'],
      request: z.strictObject({ path: z.string().max(256) }),
      reply: z.strictObject({ bytes: z.base64() }),
    },
  },
} as const satisfies Api;
