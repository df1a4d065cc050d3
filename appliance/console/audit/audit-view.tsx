import { methods } from '@physiclaw/contracts';
import { useState } from 'react';
import { useCall } from '../door/use-call.ts';
import { useAction } from '../door/use-action.ts';
import { useDesk } from '../frame/desk.ts';
import { ViewHead } from '../frame/view-head.tsx';
import { FailureNotice } from '../part/notice.tsx';
import { EntryRow } from './entry-row.tsx';
import { LogKey } from './log-key.tsx';

const PAGE = 50;
const LOOK_MS = 5000;

/** The last entries of the log; each can be checked here, against the log's key. */
export function AuditView() {
  const { door, show } = useDesk();
  // Absent: the end of the log, which moves on.
  const [from, setFrom] = useState<number>();
  const request = from === undefined ? { count: PAGE } : { from, count: PAGE };
  const tail = useCall(door, ['auditTail', methods.auditTail, request], LOOK_MS);
  const { doing, failure, run } = useAction();
  const check = (index: number, entry: string) =>
    run(async (tell) => {
      tell(`Fetching the receipt of entry ${index}`);
      show(await door.call('auditReceipt', methods.auditReceipt, { index }), { index, entry });
    });
  const { value } = tail;
  return (
    <>
      <ViewHead title="Audit">
        <p className="quiet">{value && `${value.size} entries`}</p>
      </ViewHead>
      <LogKey />
      {tail.failure && <FailureNotice failure={tail.failure} title="The log did not come" />}
      {failure && <FailureNotice failure={failure} title="There is no receipt to check" />}
      <p aria-live="polite" className="unseen">
        {doing}
      </p>
      {value && (
        <>
          <Pager from={value.from} onTurn={setFrom} size={value.size} />
          <ul className="entries">
            {value.entries
              .map((text, at) => ({ text, index: value.from + at }))
              .toReversed()
              .map(({ text, index }) => (
                <EntryRow
                  entry={text}
                  index={index}
                  key={index}
                  onCheck={() => check(index, text)}
                />
              ))}
          </ul>
        </>
      )}
    </>
  );
}

interface PagerProps {
  readonly from: number;
  readonly size: number;
  readonly onTurn: (from: number | undefined) => void;
}

function Pager({ from, size, onTurn }: PagerProps) {
  const last = Math.min(size, from + PAGE);
  return (
    <div className="pager">
      <p className="quiet">
        {size === 0 ? 'The log is empty' : `Entries ${from} to ${last - 1}, the latest first`}
      </p>
      <div className="actions">
        <button
          className="button small"
          disabled={from === 0}
          onClick={() => onTurn(Math.max(0, from - PAGE))}
          type="button"
        >
          Older
        </button>
        <button
          className="button small"
          disabled={last >= size}
          onClick={() => onTurn(from + 2 * PAGE >= size ? undefined : from + PAGE)}
          type="button"
        >
          Newer
        </button>
      </div>
    </div>
  );
}
