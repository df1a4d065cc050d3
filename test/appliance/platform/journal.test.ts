import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Journal } from '@physiclaw/platform';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { temporaryFolder } from './echo.ts';
import { onFullDisk } from './on-full-disk.ts';

const Note = z.strictObject({ text: z.string() });
const note = (text: string) => ({ text });

function open(folder: { path: string }) {
  return new Journal(join(folder.path, 'journal'), Note);
}

function refuseB({ text }: { text: string }): void {
  if (text === 'b') throw new Error('the log is down');
}

test('records wait across a restart, and are handed on in order', async () => {
  using folder = temporaryFolder();
  {
    using journal = open(folder);
    for (const text of ['a', 'b\nc', 'd']) journal.append(note(text));
  }
  using journal = open(folder);
  const taken: string[] = [];
  expect(journal.size).toBe(3);
  await journal.drain(({ text }) => taken.push(text));

  expect(taken).toEqual(['a', 'b\nc', 'd']);
  expect(journal.size).toBe(0);
});

test('what was taken is forgotten, also by the file', async () => {
  using folder = temporaryFolder();
  using journal = open(folder);
  journal.append(note('a'));
  await journal.drain(() => undefined);
  journal.append(note('b'));
  using again = open(folder);

  expect(again.size).toBe(1);
  expect(readFileSync(join(folder.path, 'journal'), 'utf8')).toBe(' {"text":"b"}\n');
});

test('a record that was not taken goes on waiting, and those after it', async () => {
  using folder = temporaryFolder();
  using journal = open(folder);
  for (const text of ['a', 'b', 'c']) journal.append(note(text));

  await expect(journal.drain(refuseB)).rejects.toThrow('the log is down');
  expect(journal.size).toBe(2);
  using again = open(folder);
  const taken: string[] = [];
  await again.drain(({ text }) => taken.push(text));
  expect(taken).toEqual(['b', 'c']);
});

test('a record is durable before anybody takes it, and only its owner reads it', () => {
  using folder = temporaryFolder();
  using journal = open(folder);
  journal.append(note('a'));

  expect(readFileSync(join(folder.path, 'journal'), 'utf8')).toBe(' {"text":"a"}\n');
  expect(statSync(join(folder.path, 'journal')).mode & 0o777).toBe(0o600);
});

test('a record that comes while others are taken is taken too', async () => {
  using folder = temporaryFolder();
  using journal = open(folder);
  journal.append(note('a'));
  const taken: string[] = [];
  await journal.drain(({ text }) => {
    taken.push(text);
    if (text === 'a') journal.append(note('b'));
  });

  expect(taken).toEqual(['a', 'b']);
});

test('two drains at once take each record once', async () => {
  using folder = temporaryFolder();
  using journal = open(folder);
  for (const text of ['a', 'b']) journal.append(note(text));
  const taken: string[] = [];
  const take = async ({ text }: { text: string }) => {
    await sleep(1);
    taken.push(text);
  };
  await Promise.all([journal.drain(take), journal.drain(take)]);

  expect(taken).toEqual(['a', 'b']);
});

test('a record that a crash cut off is dropped, and the next one is whole', () => {
  using folder = temporaryFolder();
  {
    using journal = open(folder);
    journal.append(note('a'));
  }
  appendFileSync(join(folder.path, 'journal'), ' {"text":"bbbbbbbbbbbbbbbb');
  {
    using journal = open(folder);
    journal.append(note('c'));
  }
  using journal = open(folder);

  expect(journal.size).toBe(2);
  const file = readFileSync(join(folder.path, 'journal'), 'utf8');
  expect(file).toBe(' {"text":"a"}\n {"text":"c"}\n');
});

test.each([' {"text":1}\n', ' {"text"\n', '?{"text":"a"}\n'])(
  'a journal with the line %j is refused',
  (line) => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'journal'), ` {"text":"a"}\n${line}`);

    expect(() => open(folder)).toThrow(expect.objectContaining({ code: 'JOURNAL_DAMAGED' }));
  },
);

test('what does not fit the schema does not wait', () => {
  using folder = temporaryFolder();
  using journal = open(folder);
  const wrong: unknown = { text: 'a', more: 1 };

  expect(() => journal.append(Object.assign(note('a'), wrong))).toThrow(z.ZodError);
  expect(journal.size).toBe(0);
});

test('a full disk takes no record, and does not keep those that wait from being taken', async () => {
  expect(await onFullDisk()).toMatchObject({
    journal: {
      code: 'DISK_FULL',
      file: ' "first"\n "second"\n',
      delivered: ['first', 'second'],
      left: 0,
    },
  });
});

test('whatever is appended and taken, the file and the journal agree', async () => {
  const steps = fc.array(fc.oneof(fc.string(), fc.nat(3)), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      using folder = temporaryFolder();
      const expected: string[] = [];
      for (const step of script) {
        using journal = open(folder);
        if (typeof step === 'string') {
          journal.append(note(step));
          expected.push(step);
          continue;
        }
        const taken: string[] = [];
        const take = ({ text }: { text: string }) => {
          if (taken.length === step) throw new Error('enough');
          taken.push(text);
        };
        await journal.drain(take).catch(() => undefined);
        expect(taken).toEqual(expected.splice(0, taken.length));
        expect(journal.size).toBe(expected.length);
      }
    }),
    { numRuns: 30 },
  );
});
