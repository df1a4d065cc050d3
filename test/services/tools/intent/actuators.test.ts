import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadActuators, readArguments } from '#services/tools/intent/actuators.ts';
import { manifest } from '../fakes.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'actuators-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, value: unknown) => {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(value));
  return file;
};

test("a plug-in's program lies beside its manifest", async () => {
  const file = write('ledger.json', { ...manifest('ledger'), program: 'ledger.js' });
  const actuators = await loadActuators([], [file]);

  expect(actuators.get('ledger')?.program).toBe(join(folder, 'ledger.js'));
});

test.each(['../ledger.js', '/usr/bin/node', 'ledger'])(
  '%s is no program of a plug-in',
  async (program) => {
    const file = write('ledger.json', { ...manifest('ledger'), program });

    await expect(loadActuators([], [file])).rejects.toThrow(file);
  },
);

test('no plug-in takes the name of another actuator', async () => {
  const file = write('exec.json', { ...manifest('exec'), program: 'exec.js' });
  const builtIn = [{ manifest: manifest('exec'), program: '/exec.js' }];

  await expect(loadActuators(builtIn, [file])).rejects.toThrow('two actuators are named exec');
});

test('a manifest with a key that nobody knows is refused', async () => {
  const file = write('x.json', { ...manifest('x'), program: 'x.js', floor: 0 });

  await expect(loadActuators([], [file])).rejects.toThrow('floor');
});

test('arguments get the defaults of the schema, and reading them twice changes nothing', async () => {
  const properties = { depth: { type: 'integer', default: 2 }, path: { type: 'string' } };
  const builtIn = [{ manifest: manifest('list', { properties }), program: '/list.js' }];
  const actuator = (await loadActuators(builtIn, [])).get('list');
  if (actuator === undefined) throw new Error('no actuator');
  const once = readArguments(actuator, { path: 'a' });

  expect(once).toEqual({ depth: 2, path: 'a' });
  expect(readArguments(actuator, once)).toEqual(once);
});
