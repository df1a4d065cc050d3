import type { Mutant } from './mutant.ts';

const [room, test] = ['services/policy', 'test/services/policy'];

/** Checks of `policy`. */
export const policy: readonly Mutant[] = [
  {
    check: 'an intent is signed by the key of its session',
    file: `${room}/decision/decide.ts`,
    text: 'verifyIntent(call.text, question.signature, did)',
    instead: 'did.length > 0',
    tests: [`${test}/decision/decide.test.ts`],
  },
  {
    check: 'the kill comes before all',
    file: `${room}/decision/judge.ts`,
    text: "['lease', killed],",
    instead: "['lease', killed && undefined],",
    tests: [`${test}/decision/judge.test.ts`],
  },
  {
    check: 'a hard rule is lifted by no approval',
    file: `${room}/decision/judge.ts`,
    text: "['hard-rules', hardRule],",
    instead: "['hard-rules', hardRule && undefined],",
    tests: [`${test}/decision/judge.test.ts`],
  },
  {
    check: 'an error of the rules is a no',
    file: `${room}/cedar/rules.ts`,
    text: 'errors.length > 0)',
    instead: 'errors.length > 1e9)',
    tests: [`${test}/cedar/rules.test.ts`, `${test}/decision/judge.test.ts`],
  },
  {
    check: 'calls of a session are budgeted',
    file: `${room}/decision/budgets.ts`,
    text: '!paid && callsInSession >= limits.callsPerSession',
    instead: 'false',
    tests: [`${test}/decision/budgets.test.ts`],
  },
  {
    check: 'bytes out are budgeted',
    file: `${room}/decision/budgets.ts`,
    text: 'bytesOut + bytes > limits.bytesOut',
    instead: 'bytesOut < 0',
    tests: [`${test}/decision/budgets.test.ts`],
  },
  {
    check: "nobody names the appliance's own state",
    file: `${room}/decision/hard-rules.ts`,
    text: "if (names(paths, [...own, ...ours], ownNames)) return 'hard:own-state';",
    instead: '',
    tests: [`${test}/decision/hard-rules.test.ts`],
  },
  {
    check: 'an approval counts for its own intent',
    file: `${room}/approval/requests.ts`,
    text: "if (intent !== hash) return 'approval:other-intent';",
    instead: 'void intent;',
    tests: [`${test}/approval/requests.use.test.ts`],
  },
  {
    check: 'an approval counts under its own policy',
    file: `${room}/approval/requests.ts`,
    text: "if (policy !== rules.digest) return 'approval:other-policy';",
    instead: 'void policy;',
    tests: [`${test}/approval/requests.use.test.ts`],
  },
  {
    check: 'an answer is to what was asked',
    file: `${room}/approval/answer.ts`,
    text: 'checkSubject(signed, request, log.origin);',
    instead: 'void checkSubject;',
    tests: [`${test}/approval/answer.test.ts`],
  },
  {
    check: 'a request is answered once',
    file: `${room}/approval/answer.ts`,
    text: 'if (answered) throw closed(name, state);',
    instead: 'void answered;',
    tests: [`${test}/approval/answer.test.ts`],
  },
  {
    check: 'the claim code is right',
    file: `${room}/people/people.ts`,
    text: "timingSafeEqual(sha256(given), Buffer.from(expected, 'hex'))",
    instead: "timingSafeEqual(Buffer.from(expected, 'hex'), Buffer.from(expected, 'hex'))",
    tests: [`${test}/people/people.test.ts`],
  },
  {
    check: 'a token that was revoked counts for nothing',
    file: `${room}/people/tokens.ts`,
    text: 'demand(revokedAt === undefined,',
    instead: 'demand(id.length > 0,',
    tests: [`${test}/people/tokens.test.ts`],
  },
  {
    check: 'a statement is signed by its key',
    file: `${room}/people/directory.ts`,
    text: 'demand(verifyStatement(signed),',
    instead: 'demand(verifyStatement.length > 0,',
    tests: [`${test}/people/people.test.ts`, `${test}/approval/answer.test.ts`],
  },
];
