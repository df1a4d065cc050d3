import {
  allowed,
  answered,
  approved,
  decide,
  lineOf,
  presentation,
  refusalOf,
  selfMade,
} from '../moves.ts';
import type { Row } from './row.ts';

const AT_ONCE = 100;

/** What was rightly allowed, used in another way. */
export const capabilityRows: readonly Row[] = [
  {
    name: 'a capability replayed',
    signed: 1,
    refusals: ['TOOLS_CAPABILITY_SPENT'],
    async attack(target, mark) {
      const held = await target.open();
      const { intent } = await target.prepare(held, lineOf(mark));
      const decision = await approved(target, held, intent);
      const presented = presentation(target, held, { intent, decision });
      await target.act(presented);
      return [await refusalOf(() => target.act(presented))];
    },
  },
  {
    name: `a capability presented ${AT_ONCE} times at once`,
    signed: 1,
    refusals: Array.from({ length: AT_ONCE - 1 }, () => 'TOOLS_CAPABILITY_SPENT'),
    async attack(target, mark) {
      const held = await target.open();
      const { intent } = await target.prepare(held, lineOf(mark));
      const decision = await approved(target, held, intent);
      const presented = presentation(target, held, { intent, decision });
      const attempts = Array.from({ length: AT_ONCE }, () =>
        refusalOf(() => target.act(presented)),
      );
      return (await Promise.all(attempts)).filter((code) => code !== 'none');
    },
  },
  {
    name: 'an approval used twice, under a new capability',
    signed: 1,
    refusals: ['TOOLS_CAPABILITY_SPENT'],
    async attack(target, mark) {
      const held = await target.open();
      const { intent } = await target.prepare(held, lineOf(mark));
      const { request } = await answered(target, held, intent);
      const first = allowed(await decide(target, held, intent, request));
      const second = allowed(await decide(target, held, intent, request));
      await target.act(presentation(target, held, { intent, decision: first }));
      return [
        await refusalOf(() => target.act(presentation(target, held, { intent, decision: second }))),
      ];
    },
  },
  {
    name: 'a capability from another holder',
    signed: 0,
    refusals: ['TOOLS_INVOCATION_INVALID', 'TOOLS_SESSION_MISMATCH'],
    async attack(target, mark) {
      const [victim, thief] = [await target.open(), await target.open()];
      const { intent } = await target.prepare(victim, lineOf(mark));
      const decision = await approved(target, victim, intent);
      const own = intent.replace(victim.session, thief.session);
      return [
        await refusalOf(() =>
          target.act(presentation(target, victim, { intent, decision, other: thief })),
        ),
        await refusalOf(() => target.act(presentation(target, thief, { intent: own, decision }))),
      ];
    },
  },
  {
    name: 'a capability that the agent made for itself',
    signed: 0,
    refusals: ['TOOLS_CAPABILITY_MISMATCH'],
    async attack(target, mark) {
      const held = await target.open();
      const { intent } = await target.prepare(held, lineOf(mark));
      const { receipt } = await approved(target, held, intent);
      return [await refusalOf(() => target.act(selfMade(held, { intent, receipt })))];
    },
  },
  {
    name: 'a capability after a restart of the gate',
    signed: 0,
    refusals: ['TOOLS_EPOCH_PAST'],
    async attack(target, mark) {
      const held = await target.open();
      const { intent } = await target.prepare(held, lineOf(mark));
      const decision = await approved(target, held, intent);
      const presented = presentation(target, held, { intent, decision });
      await target.restartGate();
      return [await refusalOf(() => target.act(presented))];
    },
  },
  {
    name: 'the receipt of an earlier run beside a capability of this one',
    signed: 1,
    refusals: ['TOOLS_EPOCH_PAST', 'TOOLS_CAPABILITY_SPENT'],
    async attack(target, mark) {
      const held = await target.open();
      const { intent } = await target.prepare(held, lineOf(mark));
      const { request } = await answered(target, held, intent);
      const before = allowed(await decide(target, held, intent, request));
      await target.restartGate();
      const now = allowed(await decide(target, held, intent, request));
      const presented = presentation(target, held, { intent, decision: now });
      await target.act(presented);
      return [
        await refusalOf(() => target.act({ ...presented, receipt: before.receipt })),
        await refusalOf(() => target.act(presented)),
      ];
    },
  },
];
