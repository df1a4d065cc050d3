import type { Status } from '../door/reply.ts';
import type { Called } from '../door/use-call.ts';
import { useDesk } from '../frame/desk.ts';
import { ViewHead } from '../frame/view-head.tsx';
import { LogKey } from '../audit/log-key.tsx';
import { FailureNotice } from '../part/notice.tsx';
import { MachineFacts } from './machine-facts.tsx';
import { PeoplePanel } from './people-panel.tsx';
import { ReceiverPanel } from './receiver-panel.tsx';
import { Services } from './services.tsx';
import { SwitchPanel } from './switch-panel.tsx';

/** What runs, how it is confined, who may come in, and whether it is stopped. */
export function MachineView({ status }: { status: Called<Status> }) {
  const { session } = useDesk();
  const { value, failure } = status;
  return (
    <>
      <ViewHead title="Machine">
        <p className="quiet">{session.trustDomain}</p>
      </ViewHead>
      {failure && <FailureNotice failure={failure} title="The state of the machine did not come" />}
      {value && (
        <div className="panels">
          <SwitchPanel killed={value.policy?.killed} running={value.tools?.running} />
          <Services status={value} />
          <MachineFacts status={value} />
          {session.scopes.includes('admin') && <PeoplePanel />}
          {value.siem && (
            <ReceiverPanel
              onNamed={status.reload}
              previous={value.policy?.receiver}
              siem={value.siem}
            />
          )}
          <section aria-labelledby="log-title" className="panel">
            <h2 id="log-title">Log</h2>
            <p>{value.log ? `${value.log.size} entries` : 'The log does not answer'}</p>
            <LogKey />
          </section>
        </div>
      )}
    </>
  );
}
