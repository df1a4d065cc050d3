import { ApplianceError, createLogger, retrying } from '@physiclaw/platform';
import { expect, test } from 'vitest';

function listen() {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => lines.push(JSON.parse(line));
  return { lines, log: createLogger('echo', 'info', { write }) };
}
const down = new ApplianceError('PEER_UNREACHABLE', 503, 'down');

test('work is tried until it succeeds, and a reason is logged once', async () => {
  const { lines, log } = listen();
  const failures: Error[] = [down, down, new ApplianceError('PEER_SILENT', 504, 'silent')];
  const work = () => {
    const failure = failures.shift();
    if (failure) throw failure;
    return 'here';
  };

  expect(await retrying('audit', work, { log })).toBe('here');
  expect(lines).toMatchObject([
    { msg: 'waiting', what: 'audit', err: { code: 'PEER_UNREACHABLE' } },
    { msg: 'waiting', what: 'audit', err: { code: 'PEER_SILENT' } },
  ]);
});

test('the pauses grow', async () => {
  const tries: number[] = [];
  const work = () => {
    tries.push(performance.now());
    if (tries.length < 5) throw down;
  };
  await retrying('audit', work, listen());
  const [one = 0, two = 0, , four = 0, five = 0] = tries;

  expect(five - four).toBeGreaterThan(2 * (two - one));
});

test('an aborted wait ends with the reason, in the pause and before a try', async () => {
  const stop = new AbortController();
  const waiting = retrying('audit', () => Promise.reject(down), {
    ...listen(),
    signal: stop.signal,
  });
  setTimeout(() => stop.abort(new Error('asked to stop')), 30);

  await expect(waiting).rejects.toThrow('asked to stop');
  await expect(
    retrying('audit', () => 'never', { ...listen(), signal: stop.signal }),
  ).rejects.toThrow('asked to stop');
});

test('what no later try can better is not tried again', async () => {
  let tries = 0;
  const work = () => {
    tries += 1;
    return Promise.reject(down);
  };
  const hopeless = (error: unknown) => error === down;

  await expect(retrying('audit', work, { ...listen(), hopeless })).rejects.toBe(down);
  expect(tries).toBe(1);
});
