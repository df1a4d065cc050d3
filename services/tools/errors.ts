import { tools } from '@physiclaw/contracts';
import { codeOf, errorsOf } from '@physiclaw/platform';

export type Code = keyof typeof tools.errors;

export class ToolsError extends errorsOf(tools.errors) {
  override name = 'ToolsError';
}

/** Throws the error of one check unless what it demands holds. */
export function demand(holds: boolean, code: Code, message: string): asserts holds {
  if (!holds) throw new ToolsError(code, message);
}

const FULL = ['DISK_FULL', 'AUDIT_DISK_FULL', 'ENOSPC', 'EDQUOT', 'SQLITE_FULL'];

/** TOOLS_DISK_FULL for a full disk, ours or the log's; any other error as it is. */
export function orDiskFull(cause: unknown): unknown {
  if (!FULL.includes(codeOf(cause) ?? '')) return cause;
  return new ToolsError('TOOLS_DISK_FULL', 'nothing acts while the disk is full', { cause });
}
