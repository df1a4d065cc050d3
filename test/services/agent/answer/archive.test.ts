import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Task } from '@physiclaw/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { Archive } from '#services/agent/answer/archive.ts';
import { openHouse } from '../house.ts';

const id = `a-${'0'.repeat(32)}`;
const unknown = expect.objectContaining({ code: 'AGENT_ANSWER_UNKNOWN' });

test('an answer is kept with all that a check needs', async () => {
  await using house = await openHouse();
  const task: Task = { type: 'runbook', runbook: 'sre/disk', slots: {} };
  const answer = await house.answer(task);

  const bundle = await house.bundle(answer.id);

  expect(bundle.answer).toEqual(answer);
  expect(bundle.runbooks).toHaveLength(1);
  expect(bundle.recorded.entry).toContain('"verb":"answered"');
});

test('an answer that was never given is unknown', () => {
  expect(() => new Archive(folder()).get(id)).toThrow(unknown);
});

test('a file that holds no answer is none', () => {
  const path = folder();
  writeFileSync(join(path, `${id}.json`), '{"answer":{}}');

  expect(() => new Archive(path).get(id)).toThrow(unknown);
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'answers-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}
