import { useDesk } from '../frame/desk.ts';
import { Copyable } from '../part/copyable.tsx';
import { fingerprintOf } from '../session/known-log.ts';

const STANDING = {
  new: 'first met on this visit: compare it with the appliance’s screen',
  known: 'the same as on earlier visits of this browser',
  changed: 'another than on earlier visits: compare it with the appliance’s screen',
} as const;

/** The key against which this browser checks, for whoever compares it with the screen. */
export function LogKey() {
  const { log } = useDesk();
  return (
    <details className="log-key">
      <summary>
        Checked here against the log’s key <code>{fingerprintOf(log.vkey)}</code>
      </summary>
      <p>It is {STANDING[log.acquaintance]}.</p>
      <Copyable label="the log’s key" text={log.vkey} />
    </details>
  );
}
