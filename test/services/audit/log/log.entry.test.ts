import { LogEntry, LogEvent, reporters } from '@physiclaw/contracts';
import { parseCanonical } from '@physiclaw/proof';
import { expect, test } from 'vitest';
import { entryBytes, URGENT } from '#services/audit/log/log.ts';
import { agent, policy, spiffeId, turn } from '../ledger.ts';

const kinds = LogEvent.options.map(({ shape }) => shape.kind.value);
const services = ['identity', 'policy', 'inference', 'tools', 'agent', 'gateway'];

test('an entry is the canonical JSON of the contract, with reporter and time of the log', () => {
  const bytes = entryBytes({ event: turn(), once: ['a'] }, agent, 42);

  const entry = LogEntry.parse(parseCanonical(new TextDecoder().decode(bytes)));
  expect(entry).toMatchObject({
    time: 42,
    unmapped: { reporter: agent, once: ['a'], event: turn() },
  });
});

const pairs = services.flatMap((service) => kinds.map((kind) => ({ service, kind })));
const write = ({ service, kind }: (typeof pairs)[number]) =>
  entryBytes({ event: withFields({ kind }), once: [] }, spiffeId(service), 0);

test.each(pairs.filter(({ service, kind }) => reporters[kind].includes(service)))(
  '$service may report $kind',
  (pair) => {
    expect(write(pair).length).toBeGreaterThan(0);
  },
);

test.each(pairs.filter(({ service, kind }) => !reporters[kind].includes(service)))(
  '$service may not report $kind',
  (pair) => {
    expect(() => write(pair)).toThrow(expect.objectContaining({ code: 'AUDIT_KIND_REFUSED' }));
  },
);

test('an entry of 8,192 bytes is accepted, one of a byte more refused', () => {
  const empty = killBy(0).length;

  expect(killBy(8192 - empty)).toHaveLength(8192);
  expect(() => killBy(8193 - empty)).toThrow(
    expect.objectContaining({ code: 'AUDIT_ENTRY_TOO_LARGE' }),
  );
});

test('what stops things, signs people in and frees space is urgent, and nothing else', () => {
  const urgent = kinds.filter((kind) => URGENT.has(kind));

  expect(urgent.toSorted()).toEqual(['clock', 'export', 'kill', 'resume', 'sign-in', 'svid']);
});

/** An event with fields that no schema looked at: this is not where events are parsed. */
function withFields(fields: object): LogEvent {
  return JSON.parse(JSON.stringify({ ...turn(), ...fields }));
}

function killBy(length: number): Uint8Array {
  const event = withFields({ kind: 'kill', by: 'x'.repeat(length) });
  return entryBytes({ event, once: [] }, policy, 0);
}
