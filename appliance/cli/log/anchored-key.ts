import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Places } from '@physiclaw/stack';
import { Failure } from '../failure.ts';

/**
 * The log's verifier key: from a file that is held outside or, without one, as genesis anchored it.
 * Who can write the anchors of a home can show another log there.
 *
 * @throws Failure FILE_UNREADABLE
 */
export function anchoredKey({ anchors }: Pick<Places, 'anchors'>, held?: string): string {
  return readText(held ?? join(anchors, 'log.vkey'), "the log's verifier key").trim();
}

/** @throws Failure FILE_UNREADABLE */
export function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('FILE_UNREADABLE', `cannot read ${what}: ${why}`);
  }
}
