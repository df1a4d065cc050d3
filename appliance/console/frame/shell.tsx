import { methods } from '@physiclaw/contracts';
import { useEffect, useState } from 'react';
import { ApprovalsView } from '../approvals/approvals-view.tsx';
import { AskView } from '../ask/ask-view.tsx';
import { AuditView } from '../audit/audit-view.tsx';
import { useCall } from '../door/use-call.ts';
import { MachineView } from '../machine/machine-view.tsx';
import { FaultBoundary } from '../part/fault-boundary.tsx';
import { useDesk } from './desk.ts';
import { KillSwitch } from './kill-switch.tsx';
import { Nav } from './nav.tsx';
import { Notices } from './notices.tsx';
import { useView } from './view.ts';

const STATUS_MS = 4000;

/** The frame around the views: where one is, who one is, and the switch that stops everything. */
export function Shell() {
  const { door, session, signOut } = useDesk();
  const view = useView();
  const [hasKilled, setKilled] = useState(false);
  const status = useCall(door, ['status', methods.status, {}], STATUS_MS);
  const { reload } = status;
  useEffect(() => door.onApproval(reload), [door, reload]);
  const tell = (killed: boolean) => {
    setKilled(killed);
    reload();
  };
  return (
    <div className="shell">
      <a className="skip" href="#main" onClick={skipTo}>
        Skip to the view
      </a>
      <header className="top">
        <p className="brand">
          <span aria-hidden="true" className="brand-mark" />
          <span className="brand-name">Physiclaw</span>
        </p>
        <KillSwitch onKilled={() => tell(true)} />
        <Nav pending={status.value?.policy?.pending ?? 0} />
        <div className="who">
          <p title={session.person}>
            <span className="unseen">Signed in as </span>
            {session.name}
          </p>
          <button className="button small" onClick={signOut} type="button">
            Sign out
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Notices hasKilled={hasKilled} onResumed={() => tell(false)} status={status.value} />
        <FaultBoundary key={view}>
          {view === 'ask' && <AskView />}
          {view === 'approvals' && <ApprovalsView />}
          {view === 'audit' && <AuditView />}
          {view === 'machine' && <MachineView status={status} />}
        </FaultBoundary>
      </main>
    </div>
  );
}

/** The address after `#` names the view, so the way to its beginning must not change it. */
function skipTo(event: React.MouseEvent): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#main')?.focus();
}
