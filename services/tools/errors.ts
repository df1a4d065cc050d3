import { tools } from '@physiclaw/contracts';
import { ApplianceError } from '@physiclaw/platform';

export type Code = keyof typeof tools.errors;

export class ToolsError extends ApplianceError<Code> {
  override name = 'ToolsError';

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(code, tools.errors[code], message, options);
  }
}

/** Throws the error of one check unless what it demands holds. */
export function demand(holds: boolean, code: Code, message: string): asserts holds {
  if (!holds) throw new ToolsError(code, message);
}

/** The code of an error of ours, of another service or of the system. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

const FULL = ['DISK_FULL', 'AUDIT_DISK_FULL', 'ENOSPC', 'EDQUOT', 'SQLITE_FULL'];

/** TOOLS_DISK_FULL for a full disk, ours or the log's; any other error as it is. */
export function orDiskFull(cause: unknown): unknown {
  if (!FULL.includes(codeOf(cause) ?? '')) return cause;
  return new ToolsError('TOOLS_DISK_FULL', 'nothing acts while the disk is full', { cause });
}
