import { Facts } from '../part/facts.tsx';
import type { Status } from '../door/reply.ts';

const ISOLATION = {
  uid: 'each service under a user of its own',
  none: 'all services under one user',
} as const;

const MODES = {
  unclaimed: 'nobody is enrolled',
  solo: 'one person: he approves what he asked for, and each receipt says so',
  people: 'several people: nobody approves what he asked for',
} as const;

/** How acts are decided and confined here. */
export function MachineFacts({ status }: { status: Status }) {
  return (
    <>
      <section aria-labelledby="confined-title" className="panel">
        <h2 id="confined-title">Sandbox and isolation</h2>
        <Facts rows={confinement(status)} />
      </section>
      <section aria-labelledby="decided-title" className="panel">
        <h2 id="decided-title">Policy and planner</h2>
        <Facts rows={decision(status)} />
      </section>
    </>
  );
}

function confinement({ tools, isolation }: Status): (readonly [string, string])[] {
  const services = ['isolation', ISOLATION[isolation]] as const;
  if (tools === undefined) return [services, ['sandbox', 'tools does not answer']];
  return [
    services,
    ['sandbox', tools.missing === undefined ? tools.driver : `none: ${tools.missing}`],
    ['limits by', tools.limiter],
    ['running', String(tools.running)],
    ['lease', tools.leased ? 'held: acts may start' : 'ended: no act starts'],
    ['folders', tools.mounts.join(', ')],
  ];
}

function decision({ policy, planner, model }: Status): (readonly [string, string])[] {
  const plan = model === undefined ? planner : `${planner ?? 'free'} (${model})`;
  const planned = ['planner', plan ?? 'agent does not answer'] as const;
  if (policy === undefined) return [planned, ['policy', 'does not answer']];
  return [
    planned,
    ['people', MODES[policy.mode]],
    ['preset', policy.preset],
    ['policy', `${policy.policy.slice(0, 16)}…`],
    ['waiting', String(policy.pending)],
    ['gate', policy.gate ? 'present' : 'absent'],
    ['journaled', String(policy.journaled)],
  ];
}
