import { LogEntry } from '@physiclaw/contracts';
import { shortName, summaryOf, toneOf } from '../evidence/event-summary.ts';
import { Badge } from '../part/badge.tsx';
import { When } from '../part/when.tsx';

interface EntryProps {
  readonly index: number;
  /** As the log has it; what it says is proven only once its receipt was checked. */
  readonly entry: string;
  readonly onCheck: () => void;
}

/** An entry in a line: where, when, who reported it, what it says. */
export function EntryRow({ index, entry, onCheck }: EntryProps) {
  const { success, data } = LogEntry.safeParse(parsed(entry));
  return (
    <li className="entry">
      <span className="entry-index mono">{index}</span>
      {success ? (
        <>
          <span className="entry-when quiet mono">
            <When at={data.time} />
          </span>
          <Badge tone={toneOf(data.unmapped.event)}>{data.unmapped.event.kind}</Badge>
          <span className="entry-text">
            <span className="quiet">{shortName(data.unmapped.reporter)}</span>{' '}
            {summaryOf(data.unmapped.event)}
          </span>
        </>
      ) : (
        <span className="entry-text">This entry cannot be read</span>
      )}
      <button
        aria-label={`Check entry ${index}`}
        className="button small"
        onClick={onCheck}
        type="button"
      >
        Check
      </button>
    </li>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
