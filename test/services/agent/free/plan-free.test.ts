import type { Task } from '@physiclaw/contracts';
import { renderAnswer, verifyAnswer } from '@physiclaw/answer';
import { expect, test } from 'vitest';
import { type House, openHouse } from '../house.ts';
import { machineReplies } from '../replies.ts';

const ask = (text: string): Task => ({ type: 'question', text });
const free = ask('why do philosophers disagree about friendship');
const known = ask('How full are the disks?');
const read = (path: string) => ({ value: { call: 'read_file', arguments: { path } } });
const finish = (text: string) => ({ value: { finish: text } });

const houseWithModel = (...script: House['inference']['script']): Promise<House> =>
  openHouse((house) => {
    house.inference.add();
    house.inference.script.push(...script);
    house.tools.reply = machineReplies();
  });

test('a model chooses the calls, its words are cut to what they brought, and the answer verifies', async () => {
  await using house = await houseWithModel(
    read('a'),
    finish('The file says 42, not 43, and nothing of /root.'),
  );
  house.tools.reply = () => ({ content: { text: 'it is 42' } });

  const answer = await house.answer(free);

  expect(answer).toMatchObject({
    planner: 'free',
    acts: [{ label: 'done', title: 'read_file a' }],
  });
  expect(renderAnswer(answer)).toContain('The file says 42, not ▇▇▇, and nothing of ▇▇▇.');
  expect(verifyAnswer(await house.bundle(answer.id), house.log)).toEqual([]);
});

test('words that were put into an answer later are found', async () => {
  await using house = await houseWithModel(read('a'), finish('All is as it was.'));
  const bundle = await house.bundle((await house.answer(free)).id);
  const answer = { ...bundle.answer, prose: [{ text: 'All 7 are as they were.' }] };

  expect(verifyAnswer({ ...bundle, answer }, house.log)).toContain(
    'prose: “7” is covered by no fact',
  );
});

test('a call of the model goes through the gate: what is denied is refused, and the model is told', async () => {
  await using house = await houseWithModel(read('/etc/shadow'), finish('It was refused.'));
  house.policy.judge = () => 'deny';

  const { acts } = await house.answer(free);

  expect(acts).toMatchObject([{ label: 'refused', rules: ['test:deny'] }]);
  expect(house.inference.asked[1]?.messages.at(-1)?.content).toContain('"outcome":"refused"');
  expect(house.tools.effects).toEqual([]);
});

test('each argument goes back to all that the model was shown', async () => {
  await using house = await houseWithModel(read('a'), read('b'), finish('Done.'));
  const turn = await house.ask(free);
  const { receipts } = await house.answerOf(turn);

  const [asked] = await house.events(turn, 'user.message');
  const shown = [asked?.data['asked'], receipts[0]?.index];
  expect(house.tools.effects[1]?.provenance).toEqual({ path: shown });
});

test('what was put before the model is kept as a report', async () => {
  await using house = await houseWithModel(finish('Nothing to do.'));
  const turn = await house.ask(free);
  const events = await house.events(turn);

  const packed = events.find(({ name }) => name === 'context.packed');
  expect(packed?.data).toMatchObject({
    parts: [{ part: 'system' }, { part: 'question' }],
    bytes: expect.any(Number),
  });
});

test('a model that asks for the same call again is stopped', async () => {
  await using house = await houseWithModel(read('a'), read('a'), finish('never said'));

  const { acts, notChecked } = await house.answer(free);

  expect(acts).toHaveLength(1);
  expect(notChecked[0]?.why).toContain('the same call again');
});

test('a model that never ends is stopped', async () => {
  await using house = await houseWithModel(...Array.from({ length: 40 }, (_, n) => read(`f${n}`)));

  const { acts, notChecked } = await house.answer(free);

  expect(acts).toHaveLength(12);
  expect(notChecked[0]?.why).toContain('too many calls');
});

const FAILURES = [
  'INFERENCE_BACKEND_UNREACHABLE',
  'INFERENCE_BACKEND_SILENT',
  'INFERENCE_BACKEND_ERROR',
  'INFERENCE_ANSWER_CUT',
  'INFERENCE_ANSWER_MALFORMED',
  'INFERENCE_LOG_UNWRITABLE',
] as const;

test.each(FAILURES)('where the model fails (%s) the runbook that matches answers', async (code) => {
  await using house = await houseWithModel({ code });

  const { planner, findings, notChecked } = await house.answer(known);

  expect(planner).toBe('runbook');
  expect(findings[0]?.rule).toBe('disk.room');
  expect(notChecked[0]?.why).toBe(code);
});

test.each(FAILURES)(
  'where the model fails (%s) and no runbook matches, the turn says so',
  async (code) => {
    await using house = await houseWithModel({ code });
    const turn = await house.ask(free);

    const last = (await house.events(turn)).at(-1);

    expect(last).toMatchObject({ name: 'turn.failed', data: { code } });
  },
);

test('a model that was taken away in the turn is a failure like any other', async () => {
  await using house = await houseWithModel({ refuse: 'MODEL_REQUIRED' });

  expect((await house.answer(known)).planner).toBe('runbook');
});

test('an answer in no known shape is malformed', async () => {
  await using house = await houseWithModel({ value: { surprise: true } });
  const turn = await house.ask(free);

  const last = (await house.events(turn)).at(-1);

  expect(last?.data['code']).toBe('INFERENCE_ANSWER_MALFORMED');
});

test('what the model had done before it failed stands in the answer of the runbook', async () => {
  await using house = await houseWithModel(read('a'), { code: 'INFERENCE_ANSWER_CUT' });

  const answer = await house.answer(known);

  expect(answer.acts.map(({ actuator }) => actuator)).toEqual(['read_file', 'disk_usage']);
  expect(verifyAnswer(await house.bundle(answer.id), house.log)).toEqual([]);
});

test('without a model questions are answered by runbook, also while inference is away', async () => {
  await using house = await houseWithModel();
  await house.stop('inference');

  expect((await house.answer(known)).planner).toBe('runbook');
});

test('a turn that is resumed asks the model nothing twice', async () => {
  await using house = await houseWithModel(read('a'), finish('It was read.'));
  house.policy.judge = () => 'ask';
  const turn = await house.ask(free);
  await house.events(turn, 'approval.requested');
  await house.stopAgent();

  await house.startAgent();
  house.policy.answer('approved');
  const { acts } = await house.answerOf(turn);

  expect(acts.map(({ label }) => label)).toEqual(['done']);
  expect(house.inference.asked).toHaveLength(2);
});
