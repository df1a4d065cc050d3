import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { bearers, marked, sleeper, until } from '../../appliance/sandbox/marked.ts';
import { type PlainUser, plainUser } from './plain-user.ts';

let user: PlainUser;
beforeAll(async () => {
  user = await plainUser();
});
afterEach(() => rmSync(user.killFile, { force: true }));
afterAll(() => user[Symbol.dispose]());

/** A run that sleeps, with the process that launched it; counted by the kernel's list of processes. */
async function sleeping(leaseSeconds: number) {
  const mark = marked();
  const { tools, end } = user.start(sleeper(mark), { leaseSeconds, limits: { wallSeconds: 60 } });
  await until(() => bearers(mark) === 1);
  return { mark, tools, end };
}

test('the kill file ends a run whose launcher hangs', async () => {
  const { mark, tools, end } = await sleeping(60);
  tools.kill('SIGSTOP');
  writeFileSync(user.killFile, '');

  expect(await until(() => bearers(mark) === 0)).toBeLessThan(2000);
  tools.kill('SIGCONT');
  expect((await end).ended).toMatchObject({ status: 'killed', reason: 'kill' });
});

test('a run whose launcher hangs ends with its lease, with nobody to tell it', async () => {
  const { mark, tools, end } = await sleeping(2);
  tools.kill('SIGSTOP');

  expect(await until(() => bearers(mark) === 0)).toBeLessThan(3000);
  tools.kill('SIGCONT');
  expect((await end).ended).toMatchObject({ status: 'killed', reason: 'lease' });
});

test('a run does not end while its launcher renews the lease', async () => {
  const { mark, tools } = await sleeping(1);
  const gone = until(() => bearers(mark) === 0, 3000);

  await expect(gone).rejects.toThrow('did not come to pass');
  tools.kill('SIGKILL');
  await until(() => bearers(mark) === 0);
});

test('a run whose launcher is killed ends', async () => {
  const { mark, tools } = await sleeping(60);
  tools.kill('SIGKILL');

  expect(await until(() => bearers(mark) === 0)).toBeLessThan(2000);
});

test('a run whose supervisor is killed ends', async () => {
  const { mark, tools, end } = await sleeping(60);
  const children = childrenOf(tools.pid ?? 0);
  expect(children.length).toBeGreaterThan(0);
  for (const pid of children) process.kill(pid, 'SIGKILL');

  expect(await until(() => bearers(mark) === 0)).toBeLessThan(2000);
  expect((await end).ended).toMatchObject({ status: 'failed', reason: 'supervisor' });
});

test('nothing starts while the kill file lies there', async () => {
  writeFileSync(user.killFile, '');
  const mark = marked();
  const { ended } = await user.run(sleeper(mark));

  expect(ended).toMatchObject({ status: 'killed', reason: 'kill', resources: { wallMs: 0 } });
  expect(bearers(mark)).toBe(0);
});

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && parentOf(pid) === parent);
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return 0;
  }
}
