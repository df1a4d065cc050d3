import { hashIntent } from '@physiclaw/proof';
import {
  answered,
  approved,
  commandOf,
  decide,
  eventOf,
  forge,
  lineOf,
  mint,
  presentation,
  refusalOf,
  relabelled,
  selfMade,
  stranger,
} from '../moves.ts';
import type { Target } from '../target.ts';
import type { Row } from './row.ts';

/** What passes for a decision, and is none. */
export const decisionRows: readonly Row[] = [
  {
    name: 'exec that was asked for and not approved',
    signed: 0,
    refusals: ['TOOLS_NOT_ALLOWED'],
    async attack(target, mark) {
      const held = await target.open();
      const { intent } = await target.prepare(held, commandOf(mark));
      const { receipt } = await decide(target, held, intent);
      return [await refusalOf(() => target.act(selfMade(held, { intent, receipt })))];
    },
  },
  {
    name: 'exec with the decision on a harmless read',
    signed: 0,
    refusals: ['TOOLS_INTENT_MISMATCH'],
    async attack(target, mark) {
      const held = await target.open();
      const read = await target.prepare(held, { actuator: 'list_dir', arguments: {} });
      const decision = await decide(target, held, read.intent);
      if (decision.verdict !== 'allow') throw new Error(`a read was decided ${decision.verdict}`);
      const { intent } = await target.prepare(held, commandOf(mark));
      return [await refusalOf(() => target.act(presentation(target, held, { intent, decision })))];
    },
  },
  {
    name: 'an argument swapped after the approval',
    signed: 0,
    refusals: ['TOOLS_INTENT_MISMATCH'],
    async attack(target, mark) {
      const held = await target.open();
      const { intent } = await target.prepare(held, lineOf('harmless'));
      const decision = await approved(target, held, intent);
      const swapped = intent.replace('harmless', mark);
      return [
        await refusalOf(() =>
          target.act(presentation(target, held, { intent: swapped, decision })),
        ),
      ];
    },
  },
  {
    name: 'a denial whose verdict is relabelled',
    signed: 0,
    refusals: ['CALLER_REFUSED', 'TOOLS_NOT_ALLOWED', 'TOOLS_RECEIPT_INVALID'],
    async attack(target, mark) {
      const held = await target.open();
      const { intent } = await target.prepare(held, lineOf(mark));
      const { request, signed } = await answered(target, held, intent, 'deny');
      const yes = change(signed, { verdict: 'approve' });
      const { receipt } = await decide(target, held, intent, request);
      const claimed = { verdict: 'allow', statements: [yes], enrolments: [1] };
      const forged = relabelled(receipt, { ...claimed, request });
      return [
        await refusalOf(() => target.answerAsAgent(yes)),
        await refusalOf(() => target.act(selfMade(held, { intent, receipt }))),
        await refusalOf(() => target.act(selfMade(held, { intent, receipt: forged }))),
      ];
    },
  },
  {
    name: 'an approval whose scope is widened',
    signed: 1,
    refusals: ['TOOLS_RECEIPT_INVALID', 'TOOLS_RECEIPT_INVALID'],
    attack: (target, mark) => relabelAfterUse(target, mark, { scope: 'session' }),
  },
  {
    name: 'an approval whose expiry is put off',
    signed: 1,
    refusals: ['TOOLS_RECEIPT_INVALID', 'TOOLS_RECEIPT_INVALID'],
    attack: (target, mark) => relabelAfterUse(target, mark, { notAfter: '2999-01-01T00:00:00Z' }),
  },
  {
    name: 'the true receipt of a denial',
    signed: 0,
    refusals: ['TOOLS_NOT_ALLOWED'],
    async attack(target, mark) {
      const held = await target.open();
      const { intent } = await target.prepare(held, commandOf(mark));
      const { request } = await answered(target, held, intent, 'deny');
      const { receipt } = await decide(target, held, intent, request);
      return [await refusalOf(() => target.act(selfMade(held, { intent, receipt })))];
    },
  },
  {
    name: 'the true receipt of another session',
    signed: 1,
    refusals: ['TOOLS_SESSION_MISMATCH'],
    async attack(target, mark) {
      const [victim, held] = [await target.open(), await target.open()];
      const theirs = await target.prepare(victim, lineOf(mark));
      const decision = await approved(target, victim, theirs.intent);
      await target.act(presentation(target, victim, { intent: theirs.intent, decision }));
      const { intent } = await target.prepare(held, lineOf(mark));
      return [await refusalOf(() => target.act(presentation(target, held, { intent, decision })))];
    },
  },
  {
    name: 'an entry of its own that looks like a decision',
    signed: 0,
    refusals: ['AUDIT_KIND_REFUSED', 'TOOLS_REPORTER_FOREIGN', 'TOOLS_RECEIPT_INVALID'],
    async attack(target, mark) {
      const held = await target.open();
      const { intent } = await target.prepare(held, lineOf(mark));
      const { receipt } = await decide(target, held, intent);
      const { capability, presented } = mint(held, { intent, signer: stranger() });
      const claimed = { ...eventOf(receipt), verdict: 'allow', capability };
      const { turn = '' } = eventOf(receipt);
      const own = await target.append({
        kind: 'turn',
        session: held.session,
        turn,
        verb: 'asked',
        planner: 'free',
        digest: hashIntent(intent),
        rule: 'decision:allow',
      });
      return [
        await refusalOf(() => target.append(Object(claimed))),
        await refusalOf(() => target.act({ intent, ...presented, receipt: own })),
        await refusalOf(() =>
          target.act({ intent, ...presented, receipt: { ...own, entry: receipt.entry } }),
        ),
      ];
    },
  },
  {
    name: 'an entry of a forked log, signed with the log’s key',
    signed: 0,
    refusals: ['TOOLS_LOG_FORKED'],
    async attack(target, mark) {
      const held = await target.open();
      const { intent } = await target.prepare(held, commandOf(mark));
      const { receipt } = await decide(target, held, intent);
      const { capability, presented } = mint(held, { intent, signer: stranger() });
      const forged = await forge(target, receipt, { verdict: 'allow', capability });
      return [await refusalOf(() => target.act({ intent, ...presented, receipt: forged }))];
    },
  },
];

/** A call is approved and done once; then its approval is shown again, as one that says more. */
async function relabelAfterUse(target: Target, mark: string, more: Record<string, unknown>) {
  const held = await target.open();
  const { intent } = await target.prepare(held, lineOf(mark));
  const decision = await approved(target, held, intent);
  await target.act(presentation(target, held, { intent, decision }));
  const { statements = [], expires } = eventOf(decision.receipt);
  const later = expires && { ...expires, seconds: expires.seconds + 86_400 };
  const wider = statements.map((signed) => change(signed, more));
  const entry = relabelled(decision.receipt, { statements: wider });
  const entryAndEnd = relabelled(decision.receipt, { statements: wider, expires: later });
  const again = await target.prepare(held, lineOf(mark));
  const attempts = [
    { intent, receipt: entry },
    { intent: again.intent, receipt: entryAndEnd },
  ];
  const codes: string[] = [];
  for (const { intent: text, receipt } of attempts) {
    const presented = presentation(target, held, { intent: text, decision });
    codes.push(await refusalOf(() => target.act({ ...presented, receipt })));
  }
  return codes;
}

function change(signed: unknown, more: Record<string, unknown>) {
  const { statement, signature }: { statement?: object; signature?: unknown } = Object(signed);
  return { statement: { ...statement, ...more }, signature };
}
