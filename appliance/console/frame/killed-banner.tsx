import { methods } from '@physiclaw/contracts';
import { useAction } from '../door/use-action.ts';
import { signStatement } from '../key/person-key.ts';
import { FailureNotice, Notice } from '../part/notice.tsx';
import { useDesk } from './desk.ts';

/** Says that nothing runs, in every view, and lets an operator sign the end of it. */
export function KilledBanner({ kill, onResumed }: { kill: string; onResumed: () => void }) {
  const { door, key, session } = useDesk();
  const { doing, failure, run } = useAction();
  const resume = () =>
    run(async (tell) => {
      const signer = await key();
      tell(signer.kind === 'passkey' ? 'Confirm with your passkey' : 'Signing');
      const statement = {
        type: 'physiclaw/resume/v1',
        kill: kill,
        key: signer.did,
      } as const;
      await door.call('resume', methods.resume, await signStatement(statement, signer));
      onResumed();
    });
  return (
    <Notice isUrgent title="Everything is stopped" tone="critical">
      <p>
        Nothing runs and nothing starts. <span className="mono quiet">{kill}</span>
      </p>
      {session.scopes.includes('operate') ? (
        <div className="actions">
          <button className="button" onClick={resume} type="button">
            {doing ?? 'Sign the resume'}
          </button>
        </div>
      ) : (
        <p>An operator can sign the resume.</p>
      )}
      {failure && <FailureNotice failure={failure} title="It was not resumed" />}
    </Notice>
  );
}
