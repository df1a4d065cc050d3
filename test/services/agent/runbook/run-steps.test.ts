import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Task } from '@physiclaw/contracts';
import { expect, test } from 'vitest';
import { type House, openHouse } from '../house.ts';
import { machineReplies } from '../replies.ts';

const triage: Task = { type: 'runbook', runbook: 'sre/triage', slots: {} };

const quietHouse = (): Promise<House> =>
  openHouse((house) => {
    house.tools.reply = machineReplies();
  });

test('a refused step is not checked, its findings are not made, and the others go on', async () => {
  await using house = await quietHouse();
  house.policy.judge = ({ actuator }) => (actuator === 'log_shapes' ? 'deny' : 'allow');

  const { acts, findings, notChecked } = await house.answer(triage);

  expect(acts.map(({ label }) => label)).toEqual(['done', 'refused', 'done']);
  expect(findings.map(({ rule }) => rule)).toEqual(['disk.room', 'processes.well']);
  expect(notChecked).toContainEqual({
    what: 'mine the logs for shapes of lines',
    why: 'refused: test:deny',
  });
});

test('what an actuator complains of stands under what was not checked', async () => {
  await using house = await quietHouse();
  house.tools.reply = () => ({ complaint: 'no such folder\nat line 4' });

  const { findings, notChecked } = await house.answer(triage);

  expect(findings).toEqual([]);
  expect(notChecked.map(({ why }) => why)).toContain('no such folder');
});

test.each([
  ['too much output', (house: House) => void (house.tools.truncated = true)],
  ['failed', (house: House) => void (house.tools.status = 'failed')],
  ['unknown', (house: House) => void (house.tools.status = 'unknown')],
  ['the output is not the one recorded', (house: House) => void (house.tools.spoil = true)],
  [
    'the output is no reply',
    (house: House) => void (house.tools.reply = () => ({ bytes: Buffer.from('{"half":') })),
  ],
])('a step without a whole reply says so: %s', async (why, prepare) => {
  await using house = await quietHouse();
  prepare(house);

  const { findings, notChecked } = await house.answer(triage);

  expect(findings).toEqual([]);
  expect(notChecked.map((doubt) => doubt.why)).toContain(why);
});

test('a reply of another shape makes no finding', async () => {
  await using house = await quietHouse();
  house.tools.reply = () => ({ content: { mounts: 'many' } });

  const { findings, notChecked } = await house.answer(triage);

  expect(findings).toEqual([]);
  expect(notChecked.map(({ why }) => why)).toContain(
    'disk-usage: ✖ Invalid input: expected array, received string',
  );
});

test('slots reach the arguments by their types, and provenance names the question', async () => {
  await using house = await quietHouse();
  const slots = { recent: '2h', earlier: '3d' };

  const turn = await house.ask({ type: 'runbook', runbook: 'sre/logs', slots });
  await house.answerOf(turn);

  const [asked] = await house.events(turn, 'user.message');
  const index = asked?.data['asked'];
  expect(house.tools.effects[0]).toMatchObject({
    arguments: { recentMinutes: 120, earlierMinutes: 4320, top: 200 },
    provenance: { recentMinutes: [index], earlierMinutes: [index] },
  });
});

test('a step runs when its condition on earlier steps holds, and not else', async () => {
  await using house = await openHouse((empty) => {
    empty.tools.reply = machineReplies();
    empty.skills = [writeSkill(join(empty.home, 'skills'))];
  });

  await house.answer({ type: 'runbook', runbook: 'own/steps', slots: {} });
  const { notChecked } = await house.answer({ type: 'runbook', runbook: 'own/steps', slots: {} });

  const ran = house.tools.effects.map(({ actuator }) => actuator);
  expect(ran).toEqual(['disk_usage', 'log_shapes', 'disk_usage', 'log_shapes']);
  expect(notChecked).toContainEqual({ what: 'fourth', why: 'what it depends on is not known' });
});

test('a step whose effect its runbook does not declare does not run', async () => {
  const steps = [{ id: 'go', title: 'go', actuator: 'exec', arguments: { argv: ['true'] } }];
  await using house = await openHouse((empty) => {
    empty.skills = [writeSkill(join(empty.home, 'skills'), { steps })];
  });

  const task: Task = { type: 'runbook', runbook: 'own/steps', slots: {} };
  const { acts, notChecked } = await house.answer(task);

  expect(acts).toEqual([]);
  expect(notChecked).toEqual([{ what: 'go', why: 'undeclared effect: execute' }]);
});

test('a step whose effect is declared runs', async () => {
  const steps = [{ id: 'go', title: 'go', actuator: 'exec', arguments: { argv: ['true'] } }];
  await using house = await openHouse((empty) => {
    const changes = ['execute'];
    empty.skills = [writeSkill(join(empty.home, 'skills'), { steps, changes })];
  });

  const { acts } = await house.answer({ type: 'runbook', runbook: 'own/steps', slots: {} });

  expect(acts.map(({ label }) => label)).toEqual(['done']);
});

/** Steps of which one is wanted, one is not, and of one nobody can say. */
function writeSkill(folder: string, more: object = {}): string {
  const when = [
    '',
    'first.mounts[0].usedPercent > 10',
    'first.mounts[0].usedPercent > 90',
    'no.one',
  ];
  const steps = ['first', 'second', 'third', 'fourth'].map((id, at) => ({
    id,
    title: id,
    actuator: ['disk_usage', 'log_shapes', 'process_list', 'process_list'][at],
    ...(when[at] && { when: when[at] }),
    ...(at === 0 && { parse: 'disk-usage' }),
  }));
  const asks = ['one of a kind', 'two of a kind', 'three of a kind'];
  mkdirSync(join(folder, 'own/runbooks'), { recursive: true });
  const head = 'name: own\ndescription: d\nallowed-tools: exec disk_usage log_shapes process_list';
  writeFileSync(join(folder, 'own/SKILL.md'), `---\n${head}\n---\n`);
  const runbook = JSON.stringify({ id: 'own/steps', title: 'steps', asks, steps, ...more });
  writeFileSync(join(folder, 'own/runbooks/steps.yaml'), runbook);
  return folder;
}
