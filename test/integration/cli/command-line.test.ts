import { execFile, type ExecFileException, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { entries, MemoryLog, vkey } from '#test/appliance/proof/log/memory-log.ts';

const main = resolve('appliance/cli/main.ts');

interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function makeHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'cli-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

/** Runs the command line from its source, where no service runs. */
function physiclaw(home: string, ...words: string[]): Promise<Told> {
  return new Promise((done) => {
    const options = { env: { ...process.env, PHYSICLAW_SELF: 'physiclaw' } };
    const args = ['--disable-warning=ExperimentalWarning', main, '--home', home, ...words];
    execFile(process.execPath, args, options, (error: ExecFileException | null, out, err) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

function makeLog(home: string, size: number): string {
  const folder = join(home, 'state', 'audit', 'log');
  for (const [path, bytes] of new MemoryLog(entries(size)).files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  mkdirSync(join(home, 'anchors'));
  writeFileSync(join(home, 'anchors', 'log.vkey'), `${vkey}\n`);
  return folder;
}

test('kill needs no service', async () => {
  const home = makeHome();
  mkdirSync(join(home, 'anchors'));
  const { code, out } = await physiclaw(home, 'kill');

  expect(code).toBe(0);
  expect(existsSync(join(home, 'kill', 'kill'))).toBe(true);
  expect(out).toContain(`physiclaw --home ${home} resume`);
});

test('who reads no further does not end what was begun', async () => {
  const home = makeHome();
  makeLog(home, 3);
  const words = ['--disable-warning=ExperimentalWarning', main, '--home', home, 'audit', 'verify'];
  const child = spawn(process.execPath, words);
  child.stdout.destroy();
  const [[code], err] = await Promise.all([once(child, 'exit'), text(child.stderr)]);

  expect({ code, err }).toEqual({ code: 4, err: '' });
});

test('a wrong key of the configuration is named with its place', async () => {
  const home = makeHome();
  const file = join(home, 'config.yaml');
  writeFileSync(file, 'gateway:\n  prot: 1\n');
  const { code, out } = await physiclaw(home, 'config', 'check');
  const { faults } = JSON.parse((await physiclaw(home, '--json', 'config', 'check', file)).out);

  expect(code).toBe(1);
  expect(out).toMatch(/2.*prot.*port/s);
  expect(faults).toHaveLength(1);
});

test('a folder that no sandbox may see is named before anything starts', async () => {
  const home = makeHome();
  const secrets = join(home, 'secrets');
  writeFileSync(
    join(home, 'config.yaml'),
    `tools: { mounts: [{ name: a, path: ${secrets} }, { name: b, path: /etc/ssh/keys }] }\n`,
  );
  const { code, out } = await physiclaw(home, 'config', 'check');

  expect(code).toBe(1);
  expect(out).toMatch(/tools[.]mounts\[0\][.]path: expected/);
  expect(out).toMatch(/tools[.]mounts\[1\][.]path: .* found one in \/etc\/ssh/);
});

test('a sound log exits with 4, as nobody outside holds a checkpoint of it', async () => {
  const home = makeHome();
  makeLog(home, 20);
  const { code, out } = await physiclaw(home, '--json', 'audit', 'verify');

  expect(code).toBe(4);
  expect(JSON.parse(out)).toMatchObject({ sound: true, state: 'unanchored', size: 20 });
});

test('a log with a fault exits with 1, and names file and entry', async () => {
  const home = makeHome();
  const tile = join(makeLog(home, 20), 'tile/0/000.p/20');
  const bytes = readFileSync(tile);
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  writeFileSync(tile, bytes);
  const { code, out, err } = await physiclaw(home, '--json', 'audit', 'verify');

  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ sound: false, file: 'tile/0/000.p/20', index: 0 });
  expect(err).toContain('tile/0/000.p/20');
});

test('a log that was cut back is seen by a checkpoint held outside', async () => {
  const home = makeHome();
  makeLog(home, 20);
  const since = join(home, 'since');
  writeFileSync(since, new MemoryLog(entries(21)).checkpoint);
  const { code, out } = await physiclaw(home, '--json', 'audit', 'verify', '--since', since);

  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ error: { code: 'PROOF_LOG_CUT' } });
});

test('tampering is shown on a copy, and the log stays as it is', async () => {
  const home = makeHome();
  makeLog(home, 20);
  const { code, out } = await physiclaw(home, 'demo', 'tamper');

  expect(code).toBe(0);
  expect(out).toMatch(/sound\nflipped bit \d+ of .*\naudit verify: /);
  expect((await physiclaw(home, 'audit', 'verify')).code).toBe(4);
});

test('where nothing runs that is said, with its own exit code', async () => {
  const home = makeHome();
  const { code, out } = await physiclaw(home, '--json', 'status');

  expect(code).toBe(7);
  expect(JSON.parse(out)).toMatchObject({ running: false, home });
  expect((await physiclaw(home, 'ask')).code).toBe(1);
  expect((await physiclaw(home, 'down')).code).toBe(0);
});

test('a command line that cannot be understood exits with 2, for programs with a value too', async () => {
  const home = makeHome();
  const { code, out, err } = await physiclaw(home, '--json', 'auditt');

  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({ error: { code: 'USAGE' } });
  expect(err).toContain('audit');
  expect((await physiclaw(home, 'up', '--port', '0')).code).toBe(2);
});

test('the help tells a newcomer where to begin', async () => {
  const home = makeHome();
  const { code, out } = await physiclaw(home, '--help');

  expect(code).toBe(0);
  for (const word of ['Begin with', `${home} up`, 'approvals list', 'Exit codes']) {
    expect(out).toContain(word);
  }
});

test('what is no answer is not verified', async () => {
  const home = makeHome();
  const { code, err } = await physiclaw(home, 'answer', 'verify', `a-${'0'.repeat(32)}`);

  expect(code).toBe(1);
  expect(err).toContain('ANSWER_UNREADABLE');
});
