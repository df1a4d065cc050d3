import {
  type DetailedError,
  policySetTextToParts,
  policyToJson,
  preparsePolicySet,
  preparseSchema,
  type StatefulAuthorizationCall,
  statefulIsAuthorized,
  type TypeAndId,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs';
import { canonicalize, digestOf } from '@physiclaw/proof';
import { demand, PolicyError } from '../errors.ts';
import { type Preset, presets, schema } from './schema.ts';

/** One question to Cedar: one principal, one action, one resource. */
export type Question = Pick<StatefulAuthorizationCall, 'context'> &
  Record<'principal' | 'action' | 'resource', TypeAndId>;

/** What the rules say. An error is neither yes nor no: whoever asked must take it as a denial. */
export type Opinion =
  | { readonly type: 'allow' | 'deny'; readonly rules: readonly string[] }
  | { readonly type: 'error'; readonly rules: readonly string[]; readonly message: string };

export interface Rules {
  /** Names preset, own rules and what they can speak of; a request for approval carries it. */
  readonly digest: string;
  ask(question: Question): Opinion;
}

/**
 * Parses and validates a preset with the rules that the configuration adds, once.
 *
 * @throws PolicyError POLICY_RULES_INVALID that says what is wrong and where.
 */
export function loadRules(preset: Preset, added: string): Rules {
  refuseFaults(added);
  const staticPolicies = { ...presets[preset], ...namedRules(added) };
  const digest = digestOf(canonicalize({ schema, policies: staticPolicies }));
  for (const parsed of [
    preparseSchema(digest, schema),
    preparsePolicySet(digest, { staticPolicies }),
  ]) {
    if (parsed.type === 'failure') throw invalid(parsed.errors, '');
  }
  return { digest, ask: (question) => ask(digest, question) };
}

function ask(digest: string, question: Question): Opinion {
  const answer = statefulIsAuthorized({
    ...question,
    entities: [],
    preparsedPolicySetId: digest,
    preparsedSchemaName: digest,
    validateRequest: true,
  });
  if (answer.type === 'failure') return { type: 'error', rules: [], message: say(answer.errors) };
  const { decision, diagnostics } = answer.response;
  const { reason, errors } = diagnostics;
  // Cedar skips a rule that fails, be it a forbid, and answers as if it were not there.
  if (errors.length > 0) {
    const message = say(errors.map(({ error }) => error));
    return { type: 'error', rules: errors.map(({ policyId }) => policyId).toSorted(), message };
  }
  return { type: decision, rules: reason.toSorted() };
}

/** The rules of the configuration by the names that entries give them: of `@id`, or of the text. */
function namedRules(text: string): Record<string, string> {
  const parts = policySetTextToParts(text);
  if (parts.type === 'failure') throw invalid(parts.errors, text);
  const named = new Map<string, string>();
  for (const rule of parts.policies) {
    const parsed = policyToJson(rule);
    if (parsed.type === 'failure') throw invalid(parsed.errors, rule);
    const name = `rule:${parsed.json.annotations?.['id'] ?? digestOf(rule).slice(0, 8)}`;
    const known = /^rule:[a-z0-9-]{1,64}$/.test(name) && !named.has(name);
    const expected = 'expected each @id once, of lower-case letters, digits and hyphens';
    demand(known, 'POLICY_RULES_INVALID', `policy.rules: ${expected}, got ${name}`);
    named.set(name, rule);
  }
  return Object.fromEntries(named);
}

/** A warning counts as a fault: a rule that can never apply, or that reads as another, is a slip. */
function refuseFaults(text: string): void {
  const answer = validate({ schema, policies: { staticPolicies: text } });
  if (answer.type === 'failure') throw invalid(answer.errors, text);
  const { validationErrors, validationWarnings, otherWarnings } = answer;
  const faults = [...validationErrors, ...validationWarnings].map(({ error }) => error);
  if (faults.length + otherWarnings.length > 0) throw invalid([...faults, ...otherWarnings], text);
}

function invalid(errors: readonly DetailedError[], text: string): PolicyError {
  const [first] = errors;
  // Cedar counts bytes.
  const before = Buffer.from(text).subarray(0, first?.sourceLocations?.[0]?.start ?? 0);
  const lines = before.toString().split('\n');
  const place = `policy.rules:${lines.length}:${(lines.at(-1) ?? '').length + 1}`;
  return new PolicyError('POLICY_RULES_INVALID', `${place}: ${say(errors)}`);
}

function say(errors: readonly DetailedError[]): string {
  return errors.map(({ message, help }) => (help ? `${message} (${help})` : message)).join('; ');
}
