import {
  currentTrace,
  formatTraceparent,
  parseTraceparent,
  startSpan,
  withTrace,
} from '@physiclaw/platform';
import { expect, test } from 'vitest';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

test('a header is read as the specification writes it', () => {
  expect(parseTraceparent(`00-${traceId}-${spanId}-01`)).toEqual({
    traceId,
    spanId,
    sampled: true,
  });
  expect(parseTraceparent(`00-${traceId}-${spanId}-00`)).toMatchObject({ sampled: false });
  expect(parseTraceparent(`00-${traceId}-${spanId}-03`)).toMatchObject({ sampled: true });
  expect(parseTraceparent(`cc-${traceId}-${spanId}-01-later`)).toMatchObject({ traceId });
});

test.each([
  [undefined],
  [['a', 'b']],
  [''],
  [`00-${traceId}-${spanId}`],
  [`00-${traceId}-${spanId}-01-more`],
  [`ff-${traceId}-${spanId}-01`],
  [`00-${'0'.repeat(32)}-${spanId}-01`],
  [`00-${traceId}-${'0'.repeat(16)}-01`],
  [`00-${traceId.toUpperCase()}-${spanId}-01`],
  [`00-${traceId}-${spanId}-01\n`],
  [`cc-${traceId}-${spanId}-01.later`],
])('%j counts as absent', (header) => {
  expect(parseTraceparent(header)).toBeUndefined();
});

test('what is written is read again', () => {
  const trace = startSpan();

  expect(parseTraceparent(formatTraceparent(trace))).toEqual(trace);
});

test('a span is a part of its parent', () => {
  const parent = startSpan();
  const child = startSpan({ ...parent, sampled: false });

  expect(child).toMatchObject({ traceId: parent.traceId, sampled: false });
  expect(child.spanId).not.toBe(parent.spanId);
});

test('work belongs to its trace also after a pause', async () => {
  const trace = startSpan();
  const seen = await withTrace(trace, async () => {
    await Promise.resolve();
    return currentTrace();
  });

  expect(seen).toBe(trace);
  expect(currentTrace()).toBeUndefined();
});
