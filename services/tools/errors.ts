import { tools } from '@physiclaw/contracts';
import { codeOf, errorsOf } from '@physiclaw/platform';

export class ToolsError extends errorsOf(tools.errors) {
  override name = 'ToolsError';
}

/** Throws the error of one check unless what it demands holds. */
export const demand: typeof ToolsError.demand = ToolsError.demand.bind(ToolsError);

const FULL = ['DISK_FULL', 'AUDIT_DISK_FULL', 'ENOSPC', 'EDQUOT', 'SQLITE_FULL'];

/** TOOLS_DISK_FULL for a full disk, ours or the log's; any other error as it is. */
export function orDiskFull(cause: unknown): unknown {
  if (!FULL.includes(codeOf(cause) ?? '')) return cause;
  return new ToolsError('TOOLS_DISK_FULL', 'nothing acts on a full disk: make space', { cause });
}
