import { useState, useSyncExternalStore } from 'react';
import type { Status } from '../door/reply.ts';
import { Notice } from '../part/notice.tsx';
import { accept, fingerprintOf } from '../session/known-log.ts';
import { useDesk } from './desk.ts';
import { KilledBanner } from './killed-banner.tsx';

interface NoticesProps {
  readonly status: Status | undefined;
  /** Whether this page stopped everything, which policy may not have noticed yet. */
  readonly hasKilled: boolean;
  readonly onResumed: () => void;
}

/** What concerns every view: a lost connection, a log with another key, and that nothing runs. */
export function Notices({ status, hasKilled, onResumed }: NoticesProps) {
  const kill = status?.policy?.killed;
  return (
    <div className="notices">
      <Connection />
      <LogWarning />
      {kill !== undefined && <KilledBanner kill={kill} onResumed={onResumed} />}
      {kill === undefined && hasKilled && (
        <Notice isUrgent title="Everything is stopped" tone="critical">
          <p>The kill file lies there. Policy has yet to say that it saw it.</p>
        </Notice>
      )}
    </div>
  );
}

function Connection() {
  const { door } = useDesk();
  const state = useSyncExternalStore(
    (listener) => door.onState(listener),
    () => door.state,
  );
  if (state !== 'lost') return null;
  return (
    <Notice isUrgent title="The connection is lost" tone="warning">
      <p>It is tried again. What runs goes on without this page, and is shown from where it was.</p>
    </Notice>
  );
}

function LogWarning() {
  const { log, session } = useDesk();
  const [isAccepted, setAccepted] = useState(false);
  if (log.acquaintance !== 'changed' || isAccepted) return null;
  return (
    <Notice isUrgent title="This is not the log that this browser knows" tone="critical">
      <p>
        The log’s key is another than on the last visit: <code>{fingerprintOf(log.vkey)}</code>.
        Look at the appliance’s screen before you believe any proof below.
      </p>
      <div className="actions">
        <button
          className="button"
          onClick={() => {
            accept(session.trustDomain, log.vkey);
            setAccepted(true);
          }}
          type="button"
        >
          The screen shows this key
        </button>
      </div>
    </Notice>
  );
}
