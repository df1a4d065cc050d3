import { useEffect, useState } from 'react';
import { KillDialog } from './kill-dialog.tsx';

/** Stops everything that runs, from wherever a person is: by its button, or by Alt+Shift+K. */
export function KillSwitch({ onKilled }: { onKilled: () => void }) {
  const [isAsked, setAsked] = useState(false);
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (!event.altKey || !event.shiftKey || event.code !== 'KeyK') return;
      event.preventDefault();
      setAsked(true);
    };
    window.addEventListener('keydown', hear);
    return () => window.removeEventListener('keydown', hear);
  }, []);
  return (
    <>
      <button
        aria-keyshortcuts="Alt+Shift+K"
        className="button danger kill"
        onClick={() => setAsked(true)}
        type="button"
      >
        <span aria-hidden="true" className="kill-sign" />
        Stop all
      </button>
      {isAsked && (
        <KillDialog
          onClose={() => setAsked(false)}
          onKilled={() => {
            setAsked(false);
            onKilled();
          }}
        />
      )}
    </>
  );
}
