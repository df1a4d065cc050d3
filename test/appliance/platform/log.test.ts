import { randomBytes } from 'node:crypto';
import { createLogger, type LogLevel, startSpan, withTrace } from '@physiclaw/platform';
import { expect, test } from 'vitest';

function listen(level: LogLevel = 'info') {
  const lines: Record<string, unknown>[] = [];
  const texts: string[] = [];
  const write = (line: string) => {
    texts.push(line);
    lines.push(JSON.parse(line));
  };
  return { lines, texts, log: createLogger('echo', level, { write }) };
}

test('a line is one JSON value with service, level, time and message', () => {
  const { lines, texts, log } = listen();
  log.warn({ index: 4 }, 'event refused');

  expect(texts[0]).toMatch(/^\{.*\}\n$/);
  expect(lines).toMatchObject([{ service: 'echo', level: 'warn', index: 4, msg: 'event refused' }]);
  expect(Date.parse(String(lines[0]?.['time']))).toBeGreaterThan(0);
});

test('a line names the trace that it was written in', () => {
  const { lines, log } = listen();
  const trace = startSpan();
  withTrace(trace, () => log.info('inside'));
  log.info('outside');

  expect(lines.map((line) => line['trace'])).toEqual([trace.traceId, undefined]);
});

test('no way into a line leads around the scrubber', () => {
  const { texts, log } = listen();
  const secret = `pclw_${randomBytes(16).toString('hex')}`;
  const bytes = randomBytes(32);
  log.info(secret);
  log.info('%s %j', secret, { secret });
  log.info({ [secret]: 1, deep: [{ note: secret }] }, 'x');
  log.child({ note: secret }).info('x');
  log.error(new Error(secret, { cause: new Error(secret) }));
  log.error({ err: new Error(secret), other: new Error(secret) }, secret);
  log.info({ bytes, password: 'hunter2' }, 'x');

  expect(texts).toHaveLength(7);
  expect(texts.join('')).not.toContain(secret);
  expect(texts.join('')).not.toContain('hunter2');
  expect(texts.join('')).not.toContain([...bytes.subarray(0, 8)].join(','));
});

test('an error is written with its causes', () => {
  const { lines, log } = listen();
  log.error({ err: new Error('a', { cause: new Error('b') }) }, 'x');

  expect(lines).toMatchObject([{ err: { message: 'a', cause: { message: 'b' } } }]);
});

test('less than the level is not written', () => {
  const { lines, log } = listen('error');
  log.warn('x');

  expect(lines).toEqual([]);
});
