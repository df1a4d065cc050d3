import { Badge } from '../part/badge.tsx';

interface SwitchProps {
  readonly killed: string | undefined;
  readonly running: number | undefined;
}

/** Whether acts may run at all, and how that is changed. */
export function SwitchPanel({ killed, running }: SwitchProps) {
  return (
    <section aria-labelledby="switch-title" className="panel">
      <h2 id="switch-title">Kill switch</h2>
      <p>
        {killed === undefined ? (
          <Badge tone="ok">acts may run</Badge>
        ) : (
          <Badge tone="critical">everything is stopped</Badge>
        )}
        {running !== undefined && <span className="quiet"> {running} running now</span>}
      </p>
      <p className="quiet">
        <kbd>Alt</kbd> <kbd>Shift</kbd> <kbd>K</kbd> stops everything from any view. It never waits
        for the log. Only a signed resume ends it.
      </p>
    </section>
  );
}
