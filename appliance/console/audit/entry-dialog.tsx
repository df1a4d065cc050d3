import { LogEntry, type Receipt } from '@physiclaw/contracts';
import { encodeHex } from '@physiclaw/proof';
import { useMemo } from 'react';
import { checkReceipt, type Verdict } from '../evidence/check-receipt.ts';
import { shortName, summaryOf } from '../evidence/event-summary.ts';
import { type Asked, useDesk } from '../frame/desk.ts';
import { Dialog } from '../part/dialog.tsx';
import { Facts } from '../part/facts.tsx';
import { Notice } from '../part/notice.tsx';
import { When } from '../part/when.tsx';
import { fingerprintOf } from '../session/known-log.ts';

interface EntryDialogProps {
  readonly receipt: Receipt;
  readonly asked: Asked;
  readonly onClose: () => void;
}

/** An entry, and whether its receipt proves that the log holds it: yes or no. */
export function EntryDialog({ receipt, asked, onClose }: EntryDialogProps) {
  const { log } = useDesk();
  const verdict = useMemo(() => checkReceipt(receipt, log.vkey, asked), [receipt, log.vkey, asked]);
  return (
    <Dialog onClose={onClose} title={`Entry ${receipt.index}`}>
      <VerdictNotice verdict={verdict} vkey={log.vkey} />
      {verdict.holds && <Proven verdict={verdict} />}
      <details className="exact">
        <summary>The receipt: entry, path and checkpoint</summary>
        <pre>{pretty(receipt.entry)}</pre>
        <pre>{receipt.proof.join('\n')}</pre>
        <pre>{receipt.checkpoint}</pre>
      </details>
    </Dialog>
  );
}

function VerdictNotice({ verdict, vkey }: { verdict: Verdict; vkey: string }) {
  if (!verdict.holds) {
    return (
      <Notice isUrgent title="No: this proves nothing" tone="critical">
        <p>{verdict.why}</p>
        <p className="quiet mono">{verdict.code}</p>
      </Notice>
    );
  }
  return (
    <Notice isUrgent title="Yes: the log holds this entry" tone="ok">
      <p>
        Checked in this browser: the entry’s hash, the path from it to the root of {verdict.size}{' '}
        entries, and the log’s signature on that root.
      </p>
      <p className="quiet">
        Key <code>{fingerprintOf(vkey)}</code>
      </p>
    </Notice>
  );
}

function Proven({ verdict }: { verdict: Extract<Verdict, { holds: true }> }) {
  const { time, unmapped } = verdict.entry;
  return (
    <Facts
      rows={[
        ['kind', unmapped.event.kind],
        ['says', summaryOf(unmapped.event)],
        ['reported by', shortName(unmapped.reporter)],
        ['at', <When at={time} key="at" withDate />],
        ['leaf', <code key="leaf">{encodeHex(verdict.leaf)}</code>],
        ['root', <code key="root">{encodeHex(verdict.root)}</code>],
      ]}
    />
  );
}

/** For reading; what was checked are the bytes as they came. */
function pretty(entry: string): string {
  const { data } = LogEntry.safeParse(parsed(entry));
  return data ? JSON.stringify(data, undefined, 2) : entry;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
