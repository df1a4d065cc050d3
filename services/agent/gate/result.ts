import { type Act, LogEntry, type OutcomeEvent, type Receipt } from '@physiclaw/contracts';
import type { Story } from './story.ts';

/** What came of it: the label that the answer shows, and the receipt behind it. */
export interface Acted {
  readonly label: Act['label'];
  readonly rules: readonly string[];
  readonly request?: string;
  readonly receipt?: Receipt;
  readonly outcome?: OutcomeEvent;
}

/** No's that say that something is wrong, not that something is not allowed. */
const FAULTS = new Set([
  'TOOLS_ACTUATOR_UNKNOWN',
  'TOOLS_ARGUMENTS_INVALID',
  'TOOLS_OPERAND_MISSING',
  'TOOLS_MOUNT_UNKNOWN',
  'TOOLS_SESSION_UNKNOWN',
  'TOOLS_TREE_STALE',
  'TOOLS_LEASE_ENDED',
  'TOOLS_SANDBOX_MISSING',
  'TOOLS_DISK_FULL',
]);

/** What came of a call that has ended, by its events. */
export function resultOf(story: Story): Acted {
  if (story.last?.name === 'tool.completed') return completed(story.completed());
  const { code, rules, receipt, unseen } = story.refused();
  const no = /^(POLICY|TOOLS|APPROVAL)_/.test(code) && !FAULTS.has(code);
  const label = unseen ? 'unknown' : no ? 'refused' : 'failed';
  return { label, rules, ...(receipt && { receipt }) };
}

function completed(receipt: Receipt): Acted {
  const { event } = LogEntry.parse(JSON.parse(receipt.entry)).unmapped;
  if (event.kind !== 'outcome') return { label: 'unknown', rules: [], receipt };
  const label = event.status === 'ok' ? 'done' : event.status === 'unknown' ? 'unknown' : 'failed';
  const rules = event.reason === undefined ? [] : [event.reason];
  return { label, rules, receipt, outcome: event };
}
