import { type ReactNode, useEffect, useId, useRef } from 'react';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly isNarrow?: boolean;
}

/** A modal dialog: the browser keeps the focus inside, closes it by Escape, and gives it back. */
export function Dialog({ title, onClose, children, isNarrow = false }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const shown = dialog.current;
    if (shown?.open === false) shown.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      aria-labelledby={id}
      className={isNarrow ? 'dialog narrow' : 'dialog'}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      ref={dialog}
    >
      <h2 id={id}>{title}</h2>
      {children}
      {/* Last, so that what the dialog asks for is the first thing in reach. */}
      <button
        aria-label="Close"
        className="button quiet-button dialog-close"
        onClick={onClose}
        type="button"
      >
        ✕
      </button>
    </dialog>
  );
}
