import { expect, test } from 'vitest';
import type { FactName } from '#appliance/firstboot/facts.ts';
import { linesOf, type Sight } from '#appliance/firstboot/screen/lines.ts';

const services = [
  { name: 'audit', startedAt: 10_000_000, readyAt: 12_500_000 },
  { name: 'gateway', startedAt: 10_100_000, readyAt: 14_200_000 },
];
const told: Partial<Record<FactName, string>> = { state: 'starting', 'claim code': 'ABCD-EFGH' };

function see(sight: Partial<Sight>, facts = told): ReadonlyMap<string, string> {
  return linesOf({
    image: '1 ab',
    fact: (name) => facts[name],
    services,
    mode: 'unclaimed',
    ...sight,
  });
}

test('a machine that nobody claimed shows its code once all is ready', () => {
  const lines = see({});

  expect(lines.get('state')).toBe('ready to be claimed');
  expect(lines.get('claim code')).toBe('ABCD-EFGH');
  expect(lines.get('services')).toBe('2 of 2 ready in 4.2 s');
  expect(lines.get('start audit')).toBe('2.5 s');
});

test.each(['solo', 'people'])('one that somebody claimed (%s) shows no code', (mode) => {
  expect(see({ mode }).get('state')).toBe('ready');
  expect(see({ mode }).has('claim code')).toBe(false);
});

test.each<[string, Partial<Sight>]>([
  ['a service is not ready', { services: [{ name: 'audit', startedAt: 1, readyAt: undefined }] }],
  ['nobody says whether it was claimed', { mode: undefined }],
  ['systemd does not answer', { services: [] }],
])('where %s it is starting, and shows no code', (_what, sight) => {
  expect(see(sight).get('state')).toBe('starting');
  expect(see(sight).has('claim code')).toBe(false);
});

test('what stopped it is said, whatever runs', () => {
  const facts = { ...told, state: 'stopped (the state volume stays closed)' };

  expect(see({}, facts).get('state')).toBe('stopped (the state volume stays closed)');
});

test('a machine that does not know a thing says nothing of it', () => {
  expect([...see({ services: [] }, { state: 'sealing' }).keys()]).toEqual(['image', 'state']);
});
