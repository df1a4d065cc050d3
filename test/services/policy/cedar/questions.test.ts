import type { Intent } from '@physiclaw/contracts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { effectsOf, questionsOf } from '#services/policy/cedar/questions.ts';
import { calls, intentOf } from '../intents.ts';

const text = z.string();

const asker = { principal: 'spiffe://test.internal/user/ada', mode: 'solo', approved: false };

function touchedBy(more: Partial<Intent>): string[] {
  return questionsOf(intentOf({ session: `s-${'1'.repeat(32)}`, ...more }), asker).map(
    ({ resource, context }) => `${text.parse(context['access'])} ${resource.type}::${resource.id}`,
  );
}

test.each([
  ['exec', 'execute'],
  ['export_file', 'export'],
  ['write_file', 'write-workspace'],
  ['disk_usage', 'read-mount'],
])('%s does %s, whatever the intent says', (actuator, effect) => {
  expect(effectsOf(intentOf({ actuator, effects: ['read-workspace'] }))).toContain(effect);
});

test('a mount that is open for writing is written to, whatever the intent says', () => {
  const mounts = [{ name: 'data', access: 'write' as const }];

  expect(effectsOf(intentOf({ actuator: 'plug', mounts }))).toEqual(
    new Set(['read-workspace', 'read-mount', 'write-mount']),
  );
});

test('each thing that a call touches is asked about, by its name', () => {
  const mounts = [
    { name: 'logs', access: 'read' as const },
    { name: 'data', access: 'write' as const },
  ];

  expect(touchedBy({ actuator: 'plug', mounts })).toEqual([
    'read Mount::logs',
    'write Mount::data',
    `read Workspace::s-${'1'.repeat(32)}`,
  ]);
  expect(touchedBy({ ...calls['export_file'], actuator: 'export_file' })[0]).toBe(
    'write Folder::reports',
  );
});

test('a call that names nothing it touches is asked about as if it ran a program', () => {
  expect(touchedBy({ actuator: 'plug', effects: ['write-mount'] })).toEqual([
    `execute Workspace::s-${'1'.repeat(32)}`,
  ]);
});

test('rules see the command of exec, and an actuator that they do not know as a plug-in', () => {
  const [exec] = questionsOf(intentOf({ ...calls['exec'], actuator: 'exec' }), asker);
  const [plug] = questionsOf(intentOf({ actuator: 'plug' }), asker);

  expect(exec).toMatchObject({
    action: { id: 'exec' },
    context: { command: 'ls', program: '/usr/bin/ls' },
  });
  expect(plug).toMatchObject({ action: { id: 'plugin' }, context: { actuator: 'plug' } });
});
