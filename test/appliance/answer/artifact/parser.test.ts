import { AnswerError, isParser, parseArtifact } from '@physiclaw/answer';
import {
  assert,
  boolean,
  constant,
  constantFrom,
  jsonValue,
  oneof,
  property,
  uint8Array,
} from 'fast-check';
import { expect, test } from 'vitest';
import { machineReplies } from '#test/services/agent/replies.ts';

const unreadable = expect.objectContaining({ code: 'ANSWER_ARTIFACT_UNREADABLE' });
const replies = machineReplies({ burst: 5 });

const PARSERS = [
  ['disk-usage', 'disk_usage'],
  ['log-shapes', 'log_shapes'],
  ['process-list', 'process_list'],
] as const;

function contentOf(actuator: string): Record<string, unknown> {
  const reply = replies({ actuator });
  return 'content' in reply ? { ...reply.content } : {};
}

function artifact(structuredContent: unknown): Uint8Array {
  const result = { content: [], structuredContent, isError: false };
  return new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', id: 1, result }));
}

test.each(PARSERS)('%s reads what %s replies', (parser, actuator) => {
  expect(parseArtifact(parser, artifact(contentOf(actuator))).value).toEqual(contentOf(actuator));
});

test.each(PARSERS)(
  '%s believes no reply that lacks a part, or has another in its place',
  (parser, actuator) => {
    const whole = contentOf(actuator);
    const needed = Object.keys(whole).filter((key) => {
      const { [key]: _, ...rest } = whole;
      return !reads(parser, rest);
    });

    expect(needed).toContain('notChecked');
    assert(
      property(constantFrom(...needed), oneof(constant(null), boolean()), (key, other) => {
        expect(reads(parser, { ...whole, [key]: other })).toBe(false);
      }),
    );
  },
);

test.each(PARSERS)('%s ends on whatever bytes come, with a value or a refusal', (parser) => {
  assert(
    property(oneof(jsonValue().map(artifact), uint8Array()), (bytes) => {
      expect(endOf(parser, bytes)).toMatch(/^(a value|ANSWER_ARTIFACT_UNREADABLE)$/);
    }),
  );
});

test('exec is read by its exit and its streams', () => {
  expect(isParser('exec')).toBe(true);
  expect(reads('exec', { exit: 0, stdout: '', stderr: '' })).toBe(true);
  expect(reads('exec', { exit: 'zero', stdout: '', stderr: '' })).toBe(false);
});

test('a parser that does not exist reads nothing', () => {
  expect(isParser('toString')).toBe(false);
  expect(() => parseArtifact('toString', artifact({}))).toThrow(unreadable);
});

test('a reply without structured content is unreadable', () => {
  expect(() => parseArtifact('exec', new TextEncoder().encode('{"result":{}}'))).toThrow(
    unreadable,
  );
});

function reads(parser: string, content: unknown): boolean {
  try {
    parseArtifact(parser, artifact(content));
    return true;
  } catch {
    return false;
  }
}

function endOf(parser: string, bytes: Uint8Array): string {
  try {
    parseArtifact(parser, bytes);
    return 'a value';
  } catch (error) {
    return error instanceof AnswerError ? error.code : String(error);
  }
}
