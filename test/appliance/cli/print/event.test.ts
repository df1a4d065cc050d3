import { LogEvent } from '@physiclaw/contracts';
import { expect, test } from 'vitest';
import { shownEvent } from '#appliance/cli/print/event.ts';

const session = `s-${'1'.repeat(32)}`;
const key = `did:key:z6Mk${'a'.repeat(44)}`;
const signature = Buffer.alloc(64).toString('base64');
const receiver = { type: 'physiclaw/receiver/v1', log: 'test.internal+0+A', key };
const ca = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const person = 'spiffe://test.internal/user/p-1';

function named(more: object) {
  return { kind: 'receiver', person, signed: { statement: { ...receiver, ...more }, signature } };
}

function approval(verdict: string) {
  const [request, digest] = [`r-${'2'.repeat(32)}`, '3'.repeat(64)];
  const what = { request, intent: digest, policy: digest, verdict, scope: 'once' };
  const when = { notAfter: '2026-11-21T15:00:00.000Z', log: { origin: 'o', size: 1 } };
  const statement = { type: 'physiclaw/approval/v1', ...what, ...when, key };
  return { kind: 'approval', request, intent: digest, signed: { statement, signature } };
}

test.each([
  [{ kind: 'refusal', check: 'TOOLS_KILLED', count: 3, session }, 'refusal   TOOLS_KILLED'],
  [
    {
      kind: 'sign-in',
      person: 'spiffe://test.internal/user/p-1',
      key: `did:key:z6Mk${'a'.repeat(44)}`,
    },
    'sign-in   user/p-1',
  ],
  [
    { kind: 'model', verb: 'used', model: 'm', person: 'spiffe://test.internal/user/p-1' },
    'model     used user/p-1 m',
  ],
  [
    named({ receiver: { destination: 'relp://10.0.2.100:6514', ca } }),
    'receiver  relp://10.0.2.100:6514 user/p-1',
  ],
  [named({}), 'receiver  nobody user/p-1'],
  [approval('deny'), `approval  deny r-${'2'.repeat(32)}`],
  [{ kind: 'clock', seconds: -3600 }, 'clock     -3600'],
])('%j is told in a line', (event, line) => {
  expect(shownEvent(LogEvent.parse(event))).toContain(line);
});
