import { LogEvent } from '@physiclaw/contracts';
import { expect, test } from 'vitest';
import { shownEvent } from '#appliance/cli/print/event.ts';

const session = `s-${'1'.repeat(32)}`;

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
])('%j is told in a line', (event, line) => {
  expect(shownEvent(LogEvent.parse(event))).toContain(line);
});
