import { describe, expect, test } from 'vitest';
import { questionsOf } from '#services/policy/cedar/questions.ts';
import { loadRules } from '#services/policy/cedar/rules.ts';
import { intentOf } from '../intents.ts';

const asker = { principal: 'spiffe://test.internal/user/ada', mode: 'solo', approved: true };
const [question] = questionsOf(intentOf(), asker);

describe('rules that the configuration adds', () => {
  test.each([
    ['no rule at all', '\n\npermit principal;', 'policy.rules:3:8'],
    [
      'an attribute that no call has',
      'forbid (principal, action, resource)\nwhen { context.size > 3 };',
      'policy.rules:2:8',
    ],
    [
      'an action that is none',
      'forbid (principal, action == Action::"exce", resource);',
      'did you mean `Action::"exec"`',
    ],
    ['a type that is none', 'forbid (principal is Robot, action, resource);', 'Robot'],
    ['a rule that never applies', 'permit (principal, action, resource) when { false };', 'false'],
    [
      'letters that look like others',
      'permit (principal, action, resource) when { context.access == "wrіte" };',
      'mixed scripts',
    ],
    ['a template', 'permit (principal == ?principal, action, resource);', 'template'],
    ['a name that is taken', '@id("a") permit (principal, action, resource);'.repeat(2), 'rule:a'],
    ['a name with blanks', '@id("a b") permit (principal, action, resource);', 'rule:a b'],
  ])('%s stops the start, with the place', (_what, rules, expected) => {
    expect(() => loadRules('balanced', rules)).toThrow(
      expect.objectContaining({
        code: 'POLICY_RULES_INVALID',
        message: expect.stringContaining(expected),
      }),
    );
  });

  test('are named by their @id, or else by their text, and never like a built-in one', () => {
    const added = 'forbid (principal, action, resource);';
    const rules = loadRules('balanced', `@id("balanced") ${added}\n${added}`);

    expect(rules.ask(question!)).toEqual({
      type: 'deny',
      rules: [expect.stringMatching(/^rule:[0-9a-f]{8}$/), 'rule:balanced'],
    });
  });

  test('change what the policy is called', () => {
    const digests = ['', 'forbid (principal, action, resource);'].flatMap((added) => [
      loadRules('balanced', added).digest,
      loadRules('strict', added).digest,
    ]);

    expect(new Set(digests).size).toBe(4);
    expect(loadRules('balanced', '').digest).toBe(digests[0]);
  });
});

// Cedar skips a rule that fails, so a forbid that fails would be an allow.
describe('an evaluation that fails', () => {
  test('is no answer, where a forbid overflows', () => {
    const overflow = `@id("too-much") forbid (principal, action, resource)
      when { (if context.approved then 9223372036854775807 else 1) + 1 < 0 };`;

    expect(loadRules('balanced', overflow).ask(question!)).toEqual({
      type: 'error',
      rules: ['rule:too-much'],
      message: expect.stringContaining('overflow'),
    });
  });

  test.each(['effects', 'approved'])('is no answer, where %s is missing', (attribute) => {
    const context = { ...question!.context };
    delete context[attribute];
    const rules = loadRules(
      'balanced',
      'forbid (principal, action, resource) when { !context.approved };',
    );

    expect(rules.ask({ ...question!, context }).type).toBe('error');
  });

  test.each([
    ['action', { type: 'Action', id: 'rm' }],
    ['principal', { type: 'Robot', id: 'r2' }],
    ['resource', { type: 'Moon', id: 'far side' }],
  ])('is no answer, where the %s is unknown', (part, unknown) => {
    const asked = { ...question!, [part]: unknown };

    expect(loadRules('balanced', '').ask(asked).type).toBe('error');
  });
});
