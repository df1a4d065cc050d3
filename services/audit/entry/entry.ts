import { type audit, type LogEvent, reporters, type SpiffeId } from '@physiclaw/contracts';
import { serviceOf } from '@physiclaw/platform';
import { canonicalize } from '@physiclaw/proof';
import type { z } from 'zod';
import { AuditError } from '../errors.ts';

const MAX_ENTRY_BYTES = 8192;

/** What stops things, keeps people able to act and frees space: recorded on a full disk too. */
const URGENT: readonly LogEvent['kind'][] = ['svid', 'sign-in', 'kill', 'resume', 'export'];

export type EntryRequest = z.output<typeof audit.calls.append.request>;

/**
 * The bytes of an entry: canonical JSON.
 *
 * @throws AuditError AUDIT_KIND_REFUSED unless the kind is the reporter's to report,
 *   AUDIT_ENTRY_TOO_LARGE beyond 8,192 bytes.
 */
export function entryBytes(
  { event, once }: EntryRequest,
  { reporter, time }: { readonly reporter: SpiffeId; readonly time: number },
): Uint8Array {
  const may = reporters[event.kind].includes(serviceOf(reporter));
  AuditError.demand(may, 'AUDIT_KIND_REFUSED', `${reporter} may not report ${event.kind}`);
  const bytes = new TextEncoder().encode(
    canonicalize({
      category_uid: 6,
      class_uid: 6003,
      activity_id: 99,
      type_uid: 600_399,
      severity_id: 1,
      time,
      metadata: {
        version: '1.6.0',
        product: { name: 'physiclaw', vendor_name: 'physiclaw' },
        profiles: ['ai_operation', 'record_integrity'],
      },
      unmapped: { reporter, time_source: 'unverified-rtc', once: [...once], event },
    }),
  );
  const message = `expected ${MAX_ENTRY_BYTES} bytes at most, got ${bytes.length}`;
  AuditError.demand(bytes.length <= MAX_ENTRY_BYTES, 'AUDIT_ENTRY_TOO_LARGE', message);
  return bytes;
}

/** Whether the reserve may be used for an event. */
export function isUrgent({ kind }: Pick<LogEvent, 'kind'>): boolean {
  return URGENT.includes(kind);
}
