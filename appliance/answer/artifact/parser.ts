import { z } from 'zod';
import { AnswerError } from '../error.ts';
import { type Located, locate } from './json-range.ts';

const count = z.int().nonnegative();
const bytes = z.number().nonnegative();
const percent = z.number().min(0).max(100);
const notChecked = z.array(z.looseObject({ what: z.string(), why: z.string() }));

/**
 * The parsers, by name. Each is a type: what a reply must hold to be believed. They check the shape
 * of figures that came out of a sandbox; whether these are true is the receipt's and the reader's.
 */
const parsers = {
  'disk-usage': z.looseObject({
    mounts: z.array(
      z.looseObject({
        path: z.string(),
        filesystem: z.string(),
        readOnly: z.boolean(),
        totalBytes: bytes,
        availableBytes: bytes,
        usedPercent: percent,
        usedInodesPercent: percent,
      }),
    ),
    folders: z.array(z.looseObject({ path: z.string(), bytes, files: count })),
    notChecked,
  }),
  'log-shapes': z.looseObject({
    lineCount: count,
    shapeCount: count,
    fileCount: count,
    shapes: z.array(
      z.looseObject({
        source: z.string(),
        template: z.string(),
        level: z.enum(['error', 'warning', 'info']),
        count,
        recentCount: count,
        new: z.boolean(),
        burstRatio: z.number().nonnegative(),
        bursting: z.boolean(),
      }),
    ),
    notChecked,
  }),
  'process-list': z.looseObject({
    processCount: count,
    zombieCount: count,
    uninterruptibleCount: count,
    processes: z.array(
      z.looseObject({ pid: count, name: z.string(), rssBytes: bytes, cpuPercent: count }),
    ),
    notChecked,
  }),
  exec: z.looseObject({ exit: z.int(), stdout: z.string(), stderr: z.string() }),
} as const satisfies Record<string, z.ZodType>;

/** Whether a parser of this name exists. */
export function isParser(name: string): name is keyof typeof parsers {
  return Object.hasOwn(parsers, name);
}

/**
 * Reads an actuator's reply with a named parser; the result keeps where each value stands.
 *
 * @throws AnswerError ANSWER_ARTIFACT_UNREADABLE when the bytes are not what the parser expects.
 */
export function parseArtifact(name: string, artifact: Uint8Array): Located {
  if (!isParser(name)) throw unreadable(`there is no parser ${name}`);
  const content = locate(artifact).children?.get('result')?.children?.get('structuredContent');
  if (content === undefined) throw unreadable('expected a reply with structured content');
  const { success, error } = parsers[name].safeParse(content.value);
  if (success) return content;
  throw unreadable(`${name}: ${z.prettifyError(error)}`);
}

function unreadable(message: string): AnswerError {
  return new AnswerError('ANSWER_ARTIFACT_UNREADABLE', message);
}
