import type { Answer } from '@physiclaw/contracts';
import { useDesk } from '../frame/desk.ts';

/** The number of a receipt; pressed, it shows the entry and checks its proof. */
export function ReceiptMark({ answer, number }: { answer: Answer; number: number }) {
  const { show } = useDesk();
  const receipt = answer.receipts[number - 1];
  if (receipt === undefined) return null;
  return (
    <button
      aria-label={`Receipt ${number}, log entry ${receipt.index}`}
      className="mark"
      onClick={() => show(receipt)}
      type="button"
    >
      {number}
    </button>
  );
}
