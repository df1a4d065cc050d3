import { verifyAnswer } from '@physiclaw/answer';
import type { AnswerBundle } from '@physiclaw/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, openHouse } from '#test/services/agent/house.ts';
import { machineReplies } from '#test/services/agent/replies.ts';

let house: House;
let bundle: AnswerBundle;
beforeAll(async () => {
  house = await openHouse((empty) => {
    empty.tools.reply = machineReplies({ usedPercent: 97 });
  });
  const { id } = await house.answer({ type: 'question', text: 'how is the server doing?' });
  bundle = await house.bundle(id);
});
afterAll(() => house[Symbol.asyncDispose]());

test('an answer verifies with its bundle and the public key of the log', () => {
  expect(verifyAnswer(bundle, house.log)).toEqual([]);
});

test('one changed byte of an output makes it fail, and each fact that it held is named', () => {
  const { answer, artifacts } = bundle;
  for (const { id, name, artifact, range } of answer.facts) {
    const bytes = Buffer.from(artifacts[artifact]!, 'base64');
    bytes[range[0]]! ^= 1;
    const changed = { ...artifacts, [artifact]: bytes.toString('base64') };

    const faults = verifyAnswer({ ...bundle, artifacts: changed }, house.log);

    expect(faults).toContain(`fact ${id} (${name}): the output that it was read from was changed`);
  }
  expect(answer.facts.length).toBeGreaterThan(10);
});
