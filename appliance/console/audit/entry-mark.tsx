import { methods } from '@physiclaw/contracts';
import { useAction } from '../door/use-action.ts';
import { useDesk } from '../frame/desk.ts';

/** An entry of the log by its number; pressed, it is fetched and its proof checked. */
export function EntryMark({ index }: { index: number }) {
  const { door, session, show } = useDesk();
  const { doing, failure, run } = useAction();
  if (!session.scopes.includes('audit')) return `entry ${index}`;
  const check = () =>
    run(async () => {
      show(await door.call('auditReceipt', methods.auditReceipt, { index }), { index });
    });
  return (
    <>
      <button className="mark" disabled={doing !== undefined} onClick={check} type="button">
        entry {index}
      </button>
      {failure && <span className="quiet"> {failure.message}</span>}
    </>
  );
}
