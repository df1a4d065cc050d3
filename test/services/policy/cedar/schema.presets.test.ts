import { describe, expect, test } from 'vitest';
import { loadRules } from '#services/policy/cedar/rules.ts';
import { type Preset, presets } from '#services/policy/cedar/schema.ts';
import { judge } from '#services/policy/decision/judge.ts';
import { calls, intentOf } from '../intents.ts';

const asker = { principal: 'spiffe://test.internal/user/ada', mode: 'solo' };
const clear = { killed: undefined, budget: undefined, hardRule: undefined, approval: undefined };

const expected: Record<Preset, Record<string, string>> = {
  balanced: {
    read_file: 'allow',
    list_dir: 'allow',
    search_text: 'allow',
    disk_usage: 'allow',
    log_shapes: 'allow',
    process_list: 'allow',
    write_file: 'allow',
    export_file: 'ask',
    exec: 'ask',
    append_line: 'ask',
  },
  strict: {
    read_file: 'allow',
    list_dir: 'allow',
    search_text: 'allow',
    disk_usage: 'allow',
    log_shapes: 'allow',
    process_list: 'allow',
    write_file: 'ask',
    export_file: 'ask',
    exec: 'ask',
    append_line: 'ask',
  },
};

test('every preset has its table', () => {
  expect(Object.keys(expected)).toEqual(Object.keys(presets));
});

describe.each(Object.entries(expected))('%s', (name, verdicts) => {
  const preset = name === 'strict' ? 'strict' : 'balanced';
  const rules = loadRules(preset, '');

  test.each(Object.entries(verdicts))('%s: %s', (actuator, verdict) => {
    const intent = intentOf({ ...calls[actuator], actuator });

    expect(judge(intent, asker, clear, rules).verdict).toBe(verdict);
  });

  test.each(Object.keys(verdicts))('%s is allowed once a person approved it', (actuator) => {
    const intent = intentOf({ ...calls[actuator], actuator });

    expect(judge(intent, asker, { ...clear, approval: 'given' }, rules).verdict).toBe('allow');
  });

  test.each([
    ['read-workspace', 'allow'],
    ['read-mount', 'ask'],
    ['write-workspace', 'ask'],
    ['write-mount', 'ask'],
    ['execute', 'ask'],
    ['export', 'ask'],
  ] as const)('a plug-in that does %s on nothing it names: %s', (effect, verdict) => {
    const intent = intentOf({ actuator: 'plug', effects: [effect] });

    expect(judge(intent, asker, clear, rules).verdict).toBe(verdict);
  });
});

test.each(['exec', 'export_file', 'append_line'])(
  'no rule of the configuration spares %s the signature that the gate demands',
  (actuator) => {
    const rules = loadRules('balanced', 'permit (principal, action, resource);');
    const intent = intentOf({ ...calls[actuator], actuator });

    expect(judge(intent, asker, clear, rules)).toMatchObject({
      verdict: 'ask',
      rules: ['balanced:floor'],
    });
  },
);
