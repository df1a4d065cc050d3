import { methods } from '@physiclaw/contracts';
import { useAction } from '../door/use-action.ts';
import { Dialog } from '../part/dialog.tsx';
import { FailureNotice } from '../part/notice.tsx';
import { useDesk } from './desk.ts';

interface KillDialogProps {
  readonly onClose: () => void;
  readonly onKilled: () => void;
}

/** Asks once, with the answer that stops everything first in reach. */
export function KillDialog({ onClose, onKilled }: KillDialogProps) {
  const { door } = useDesk();
  const { doing, failure, run } = useAction();
  const kill = () =>
    run(async (tell) => {
      tell('Stopping');
      await door.call('kill', methods.kill, {});
      onKilled();
    });
  return (
    <Dialog isNarrow onClose={onClose} title="Stop everything that runs?">
      <p>
        Every sandbox ends within two seconds, and no act starts until somebody signs a resume.
        Nothing waits for the log.
      </p>
      {failure && <FailureNotice failure={failure} title="It was not stopped from here" />}
      <div className="actions">
        <button className="button danger" onClick={kill} type="button">
          {doing ?? 'Stop all now'}
        </button>
        <button className="button" onClick={onClose} type="button">
          Let it run
        </button>
      </div>
      <p className="quiet">
        <kbd>Alt</kbd> <kbd>Shift</kbd> <kbd>K</kbd> opens this, <kbd>Enter</kbd> stops. Without a
        page: <code>physiclaw kill</code>
      </p>
    </Dialog>
  );
}
