import type { Task } from '@physiclaw/contracts';
import { renderAnswer, verifyAnswer } from '@physiclaw/answer';
import { expect, test } from 'vitest';
import { type House, openHouse } from '../house.ts';
import { machineReplies, type MachineState } from '../replies.ts';

const triage: Task = { type: 'runbook', runbook: 'sre/triage', slots: {} };

const houseWith = (state?: MachineState): Promise<House> =>
  openHouse((house) => {
    house.tools.reply = machineReplies(state);
  });

test('triage of a quiet machine says what is fine, what was not seen, and verifies', async () => {
  await using house = await houseWith();

  const answer = await house.answer(triage);

  expect(answer.findings.map(({ rule, severity }) => [rule, severity])).toEqual([
    ['disk.room', 'ok'],
    ['logs.quiet', 'ok'],
    ['processes.well', 'ok'],
  ]);
  expect(answer.notChecked).toContainEqual({ what: '/root', why: 'masked' });
  expect(verifyAnswer(await house.bundle(answer.id), house.log)).toEqual([]);
});

test('logs that fill a disk are one finding with its cause, not three', async () => {
  await using house = await houseWith({ usedPercent: 91, logBytes: 3e9, burst: 4000 });

  const answer = await house.answer(triage);
  const shown = renderAnswer(answer);

  expect(answer.findings[0]).toMatchObject({ rule: 'triage.logs-fill-disk', severity: 'critical' });
  expect(shown).toContain('logs fill / (91 %): /var/log holds 3.00 GB');
  expect(shown).toContain('because app.log wrote “request <n> failed” 4000 times');
  expect(shown).not.toContain('91 % full');
});

test('a process that holds half the memory explains what was killed', async () => {
  await using house = await houseWith({ kills: 2, hogBytes: 9e9 });

  const { findings } = await house.answer(triage);

  expect(findings[0]?.rule).toBe('triage.killed-and-tight');
  expect(findings.map(({ rule }) => rule)).not.toContain('processes.killed');
});

test('a runbook asked for itself says more than as a part', async () => {
  await using house = await houseWith();

  const { findings } = await house.answer({ type: 'runbook', runbook: 'sre/disk', slots: {} });

  expect(findings.map(({ rule }) => rule)).toEqual(['disk.room', 'disk.largest', 'disk.largest']);
});

test('a plan is kept as it was made, and a skill that changes changes no turn', async () => {
  await using house = await houseWith();
  house.policy.judge = () => 'ask';
  const turn = await house.ask(triage);
  await house.events(turn, 'approval.requested');
  await house.stopAgent();
  house.skills = [];

  await house.startAgent();
  house.policy.judge = () => 'allow';
  house.policy.answer('approved');
  const answer = await house.answerOf(turn);

  expect(answer.acts.map(({ label }) => label)).toEqual(['done', 'done', 'done']);
});
