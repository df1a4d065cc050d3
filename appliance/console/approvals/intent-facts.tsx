import { type ApprovalRequest, type Intent, visible } from '@physiclaw/contracts';
import type { ReactNode } from 'react';
import { EntryMark } from '../audit/entry-mark.tsx';
import { PersonName } from '../machine/person-name.tsx';
import { Facts } from '../part/facts.tsx';
import { When } from '../part/when.tsx';
import { effectsOf, limitsOf } from './intent.ts';

type Row = readonly [string, ReactNode];

/** An intent as a person reads it: what it does, on what, within which bounds, and who asked. */
export function IntentFacts({ intent, request }: { intent: Intent; request: ApprovalRequest }) {
  return (
    <>
      <h3>What will run</h3>
      <Facts rows={[...argumentsOf(intent), ...reachOf(intent), ...boundsOf(intent)]} />
      <h3>Why you are asked</h3>
      <Facts rows={askingOf(request)} />
    </>
  );
}

function argumentsOf(intent: Intent): Row[] {
  return Object.entries(intent.arguments).map(([name, value]) => [
    name,
    <code key={name}>{visible(typeof value === 'string' ? value : JSON.stringify(value))}</code>,
  ]);
}

function reachOf(intent: Intent): Row[] {
  const mounts = intent.mounts.map(({ name, access }) => `${name} (${access})`).join(', ');
  return [
    ['it', effectsOf(intent)],
    ...(mounts === '' ? [] : [['sees', mounts] as const]),
    ...intent.operands.map(({ argument, path, size, digest }): Row => [
      `${argument} is`,
      <span key={path}>
        <code>{visible(path)}</code>, {size} bytes, <code>{digest.slice(0, 16)}…</code>
      </span>,
    ]),
  ];
}

function boundsOf(intent: Intent): Row[] {
  const { profile, program } = intent;
  return [
    [
      'program',
      <span key="program">
        <code>{visible(program.path)}</code>, <code>{program.digest.slice(0, 16)}…</code>
      </span>,
    ],
    ['confined by', `${profile.driver} (${profile.limiter}), network ${profile.network}`],
    ['at most', limitsOf(intent)],
  ];
}

function askingOf(request: ApprovalRequest): Row[] {
  return [
    ['asked by', <PersonName key="by" person={request.principal} />],
    ['because of', <code key="rules">{request.rules.join(', ')}</code>],
    ['asked', <When at={request.requestedAt} key="at" withDate />],
    ['good until', <When at={request.notAfter} key="until" withDate />],
    ['policy', <code key="policy">{request.policy.slice(0, 16)}…</code>],
    [
      'log',
      <span key="log">
        <EntryMark index={request.decision} /> asks for it, of {request.log.size} then
      </span>,
    ],
  ];
}
