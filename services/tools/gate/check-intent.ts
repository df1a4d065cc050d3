import type { Intent } from '@physiclaw/contracts';
import { canonicalize, hashIntent, readIntent } from '@physiclaw/proof';
import { type Code, ToolsError } from '../errors.ts';
import { type Ground, makeIntent, type Prepared } from '../intent/prepare.ts';

/** The bytes are the canonical JSON of an intent. */
export function checkWellFormed(text: string): Prepared {
  try {
    return { intent: readIntent(text), text, hash: hashIntent(text) };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'not an intent';
    throw new ToolsError('TOOLS_INTENT_MALFORMED', message, { cause });
  }
}

/**
 * The intent is, byte for byte, what `prepare` makes of this call now: whoever wrote it cannot have
 * chosen a wider profile, fewer effects, another mount or another operand, and the program is the
 * one that was decided on.
 */
export async function checkPrepared(presented: Prepared, ground: Ground): Promise<void> {
  const made = await makeIntent(ground, presented.intent);
  if (made.text === presented.text) return;
  const fields = differences(presented.intent, made.intent);
  const message = `expected what prepare makes of this call now; ${fields.join(', ')} differ`;
  throw new ToolsError(codeOf(fields), message);
}

function differences(presented: Intent, made: Intent): string[] {
  const now = new Map(Object.entries(made));
  return Object.entries(presented)
    .filter(([field, value]) => canonicalize(value) !== canonicalize(now.get(field)))
    .map(([field]) => field);
}

function codeOf(fields: readonly string[]): Code {
  if (fields.includes('profile')) return 'TOOLS_PROFILE_MISMATCH';
  if (fields.length === 1 && fields[0] === 'program') return 'TOOLS_PROGRAM_CHANGED';
  return 'TOOLS_INTENT_MALFORMED';
}
