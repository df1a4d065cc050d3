import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { rmSync } from 'node:fs';
import { bearers, marked, sleeper, until } from './marked.ts';
import { HeldLease, openRig, type Rig, text } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await openRig();
});
afterEach(() => rmSync(rig.killFile, { force: true }));
afterAll(() => rig[Symbol.asyncDispose]());

describe('a run that ends by itself', () => {
  test('is ok with its reply, and says what it used', async () => {
    const ended = await rig.run(
      `process.stdin.on('data', (bytes) => process.stdout.write(bytes))`,
      {
        request: '{"asked":true}',
      },
    );

    expect(text(ended)).toBe('{"asked":true}\n');
    expect(ended).toMatchObject({ status: 'ok', exit: 0, truncated: false });
    expect(ended.resources.wallMs).toBeGreaterThan(0);
    expect(ended.resources.cpuMs).toBeGreaterThan(0);
  });

  test.each([
    ['that says no', 'process.exit(3)', { reason: 'exit', exit: 3 }],
    ['that says nothing', '', { reason: 'no-reply', exit: 0 }],
    ['that crashes', 'process.abort()', { reason: 'signal' }],
  ])('one %s has failed', async (_how, script, ended) => {
    expect(await rig.run(script)).toMatchObject({ status: 'failed', ...ended });
  });

  test('keeps what it wrote before it failed', async () => {
    const ended = await rig.run(`process.stdout.write('so far'); process.exitCode = 1;`);

    expect([ended.status, text(ended), ended.truncated]).toEqual(['failed', 'so far', false]);
  });
});

test('a sandbox that cannot be made is a failure of its own kind', async () => {
  const mounts = [{ name: 'gone', path: '/no/such/folder', access: 'read' as const }];

  expect(await rig.run('', { mounts })).toMatchObject({ status: 'failed', reason: 'sandbox' });
});

test('runs at the same time do not see each other', async () => {
  const script = `import { readdirSync, writeFileSync } from 'node:fs';
    writeFileSync('/tmp/' + process.env.NAME, '');
    await new Promise((resolve) => setTimeout(resolve, 100));
    console.log(readdirSync('/tmp').join());`;
  const names = ['a', 'b', 'c'];
  const runs = names.map((NAME) => rig.run(script, { environment: { NAME } }));

  expect((await Promise.all(runs)).map(text)).toEqual(['a\n', 'b\n', 'c\n']);
});

describe('what may not start', () => {
  const script = `import { writeFileSync } from 'node:fs'; writeFileSync('/workspace/ran', '');`;

  test('a run without a lease, or with one that is past', async () => {
    const never = { until: undefined, onRenewal: () => ({ [Symbol.dispose]: () => undefined }) };

    for (const lease of [never, new HeldLease(-1)]) {
      const ended = await rig.run(script, { lease, writable: true });
      expect(ended).toMatchObject({ status: 'killed', reason: 'lease', resources: { wallMs: 0 } });
    }
  });

  test('a run under the lease of another boot', async () => {
    const lease = new HeldLease();
    lease.until = { boot: 'another', seconds: Number.MAX_SAFE_INTEGER };

    expect(await rig.run(script, { lease })).toMatchObject({ status: 'killed', reason: 'lease' });
  });

  test('anything, while the kill file lies there', async () => {
    writeFileSync(rig.killFile, '');
    const ended = await rig.run(script, { writable: true });

    expect(ended).toMatchObject({ status: 'killed', reason: 'kill', resources: { wallMs: 0 } });
    expect(execFileSync('ls', [rig.workspace]).toString()).toBe('');
  });
});

describe('a run that goes on', () => {
  test('ends when the kill file comes', async () => {
    const mark = marked();
    const run = rig.run(sleeper(mark));
    await until(() => bearers(mark) === 1);
    writeFileSync(rig.killFile, '');

    expect(await run).toMatchObject({ status: 'killed', reason: 'kill' });
    expect(bearers(mark)).toBe(0);
  });

  test('ends when its lease is not renewed', async () => {
    const mark = marked();

    expect(await rig.run(sleeper(mark), { lease: new HeldLease(0.3) })).toMatchObject({
      status: 'killed',
      reason: 'lease',
    });
    expect(bearers(mark)).toBe(0);
  });

  test('lives as long as it is renewed', async () => {
    const lease = new HeldLease(0.4);
    const renewals = setInterval(() => lease.renew(0.4), 100);
    const ended = await rig.run(`setTimeout(() => console.log('done'), 700)`, { lease });
    clearInterval(renewals);

    expect(ended.status).toBe('ok');
  });

  test('ends with the driver', async () => {
    const mark = marked();
    const own = await openRig();
    const run = own.run(sleeper(mark));
    await until(() => bearers(mark) === 1);
    await own[Symbol.asyncDispose]();

    expect(await run).toMatchObject({ status: 'killed', reason: 'lease' });
    expect(bearers(mark)).toBe(0);
  });
});
