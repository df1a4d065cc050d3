import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Facts } from '#appliance/firstboot/facts.ts';

function makeFacts() {
  const folder = mkdtempSync(join(tmpdir(), 'facts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return { folder, facts: new Facts(folder) };
}

test('a fact is read as it was told last', () => {
  const { facts, folder } = makeFacts();
  facts.tell('state', 'sealing');
  facts.tell('state', 'starting');

  expect(facts.read('state')).toBe('starting');
  expect(facts.read('host')).toBeUndefined();
  expect(readdirSync(folder)).toEqual(['state']);
});

test('a fact is one line, whatever somebody wrote into a seed', () => {
  const { facts } = makeFacts();
  facts.tell('seed', 'a\nphysiclaw| state: ready\x1b[2J');

  expect(facts.read('seed')).toBe('a physiclaw| state: ready [2J');
});

test('whoever told a fact hears when it was taken away', async () => {
  const { facts } = makeFacts();
  facts.tell('recovery key', 'k');
  const shown = facts.shown('recovery key', 5000);
  facts.remove('recovery key');

  expect(await shown).toBe(true);
});

test('or that nobody took it', async () => {
  const { facts } = makeFacts();
  facts.tell('recovery key', 'k');

  expect(await facts.shown('recovery key', 60)).toBe(false);
});
