// Every command that no other test types, and every no of the command line, on one running stack.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placesOf } from '@physiclaw/stack';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { writeSmall } from '#test/bundle/small/bundle.ts';
import { type ScriptedServer, startScriptedServer } from '#test/model/scripted-server.ts';
import { type Stack, startStack } from './stack.ts';

const MKFIFO = '/usr/bin/mkfifo';
const Requests = z.array(z.object({ request: z.string() }));
const Made = z.object({ token: z.string(), record: z.object({ id: z.string() }) });
const Refused = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

let stack: Stack;
let server: ScriptedServer;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'commands-'));
  [stack, server] = await Promise.all([startStack(), startScriptedServer()]);
}, 120_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** A path in the folder of these tests, with something there. */
function placed(name: string, text = ''): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** A folder with one file in it, as a test makes it. */
function folderWith(name: string, make: (file: string) => void): string {
  mkdirSync(join(folder, name));
  make(join(folder, name, 'odd'));
  return join(folder, name);
}

test.each([
  ['audit show 0', /^entry 0 is in the log of \d+ entries: leaf, path and signature hold$/m],
  ['audit tail -n 3', /^these are the last entries of the log of \d+ that its key signed$/m],
  ['policy explain exec uname', /^ask \(preset balanced, at least \d human signatures\)$/m],
  ['token list', /^no token was made$/m],
  ['model list', /^none: turns are planned by runbook$/m],
  ['model none', /^there was none$/m],
  ['approvals list', /^nothing waits$/m],
  ['people list', /^ {2}did:key:/m],
  ['config check', /^not checked: policy\.rules, /m],
])('%s', async (words, line) => {
  const { code, out } = await stack.cli(...words.split(' '));

  expect(out).toMatch(line);
  expect(code).toBe(0);
});

const refusals: [code: string, exit: number, words: () => string[]][] = [
  ['ACTUATOR_UNKNOWN', 2, () => ['policy', 'explain', 'sudo']],
  ['ACTUATOR_UNKNOWN', 2, () => ['call', 'sudo']],
  ['ANSWER_UNREADABLE', 1, () => ['answer', 'verify', placed('no-answer')]],
  ['AUDIT_INDEX_BEYOND_LOG', 1, () => ['audit', 'show', '999999']],
  ['FILE_EXISTS', 2, () => ['people', 'export', placed('taken')]],
  ['FILE_UNREADABLE', 1, () => ['audit', 'verify', '--vkey', join(folder, 'nothing')]],
  ['FILE_UNREADABLE', 1, () => ['config', 'check', join(folder, 'nothing')]],
  ['INDEX_INVALID', 2, () => ['audit', 'show', 'first']],
  ['NOT_KILLED', 1, () => ['resume']],
  ['PASSWORD_MISSING', 2, () => ['people', 'export', 'x', '--password-file', `${folder}/none`]],
  ['PASSWORD_SHORT', 2, () => ['people', 'export', 'x', '--password-file', placed('pw', 'abc')]],
  ['POLICY_TOKEN_UNKNOWN', 5, () => ['token', 'revoke', 'nonsense']],
  ['PORT_INVALID', 2, () => ['--home', join(folder, 'home'), 'up', '--port', '0']],
  ['REQUEST_UNKNOWN', 1, () => ['approvals', 'show', `r-${'0'.repeat(32)}`]],
  ['SCOPE_INVALID', 2, () => ['token', 'create', 'me', '--scope', 'everything']],
  ['SLOT_INVALID', 2, () => ['run', 'sre/triage', 'nonsense']],
  ['USAGE', 2, () => ['approvals', 'sign']],
  ['WORKSPACE_FILE_ODD', 1, () => withWorkspace('pipe', (file) => execFileSync(MKFIFO, [file]))],
  ['WORKSPACE_FILE_TOO_LARGE', 1, () => withWorkspace('large', makeLarge)],
  ['WORKSPACE_UNREADABLE', 1, () => ['call', '--workspace', join(folder, 'none'), 'list_dir', '.']],
];

test.each(refusals)('%s ends a command with %i', async (code, exit, words) => {
  const { code: found, value } = await stack.json(...words());

  expect(Refused.parse(value).error.code).toBe(code);
  expect(found).toBe(exit);
});

function withWorkspace(name: string, make: (file: string) => void): string[] {
  return ['call', '--workspace', folderWith(name, make), 'list_dir', '.'];
}

function makeLarge(file: string): void {
  writeFileSync(file, '');
  truncateSync(file, 8 * 1024 * 1024 + 1);
}

test('what is to be signed is shown whole, in the order in which it would run', async () => {
  const end = 'x'.repeat(200);
  await stack.cli('call', 'exec', '--', 'echo', 'a\u202Ecod.exe', end);
  const [{ request } = { request: '' }] = Requests.parse(
    (await stack.json('approvals', 'list')).value,
  );
  const told = [
    await stack.cli('approvals', 'show', request),
    await stack.cli('--json', 'approvals', 'show', request),
    await stack.cli('approvals', 'deny', request),
  ];
  const again = await stack.cli('approvals', 'approve', request);

  for (const { code, out } of told) {
    expect(code).toBe(0);
    expect(out).not.toMatch(/(?!\n)\p{C}/u);
  }
  expect(told[0]?.out).toContain(String.raw`a\u{202e}cod.exe`);
  expect(told[2]?.out).toContain(end);
  expect(told[2]?.out).toMatch(/^denied · log entry \d+$/m);
  expect(again.err).toContain('POLICY_REQUEST_CLOSED');
  expect(again.code).toBe(5);
});

test('a token is good until it is revoked', async () => {
  const made = Made.parse((await stack.json('token', 'create', 'me', '--scope', 'read')).value);
  const { token, record } = made;
  const models = () =>
    fetch(`http://localhost:${stack.port}/v1/models`, {
      headers: { authorization: `Bearer ${token}` },
    });
  const before = await models();
  const listed = await stack.cli('token', 'list');
  const revoked = await stack.cli('token', 'revoke', record.id);

  expect(before.status).toBe(200);
  expect(listed.out).toMatch(new RegExp(`^${record.id} {2}me {2}read {2}\\S+$`, 'm'));
  expect(revoked).toMatchObject({ code: 0, out: `revoked: ${record.id} (me)\n` });
  expect((await models()).status).toBe(401);
  expect((await stack.cli('token', 'list')).out).toContain('  revoked ');
});

test('a model is taken by its name, and put away again', async () => {
  const other = await stack.cli('model', 'use', server.url, '--model', 'another');
  const used = await stack.cli('model', 'use', server.url, '--model', 'scripted');
  const listed = await stack.cli('model', 'list');
  const removed = await stack.cli('model', 'none');

  expect(other.code).toBe(1);
  expect(other.err).toContain('INFERENCE_');
  expect(used).toMatchObject({ code: 0, out: expect.stringContaining('in use: scripted at') });
  expect(listed.out).toContain(`scripted  ${server.url}  since `);
  expect(removed).toMatchObject({ code: 0, out: 'removed: scripted\n' });
});

test('a bundle says what it holds, and that nothing was checked', async () => {
  const { file, manifest } = await writeSmall(folder);
  const { code, out } = await stack.cli('bundle', 'inspect', file);

  expect(code).toBe(0);
  for (const { path } of manifest.blobs) expect(out).toContain(path);
  expect(out).toContain('not verified');
});

test('a log that was faulty before is no show of tampering', async () => {
  const home = join(folder, 'damaged');
  for (const part of ['anchors', 'state/audit/log'])
    cpSync(join(stack.home, part), join(home, part), { recursive: true });
  const checkpoint = join(home, 'state/audit/log/checkpoint');
  writeFileSync(checkpoint, readFileSync(checkpoint, 'utf8').replace(/^\S+/, 'another/log'));
  const { code, err } = await stack.cli('--home', home, 'demo', 'tamper');

  expect(err).toContain('TAMPERING_UNSEEN');
  expect(code).toBe(1);
});

test('a start that was cut before anybody was enrolled is told apart', async () => {
  const home = join(folder, 'cut');
  mkdirSync(home);
  const { run, stateFile, cliSocket } = placesOf(home);
  mkdirSync(run, { recursive: true });
  cpSync(placesOf(stack.home).stateFile, stateFile);
  const hello = { version: '1', trustDomain: 'x', mode: 'unclaimed', log: 'l', nonce: 'AAAA' };
  const gateway = createServer((_request, response) => response.end(JSON.stringify(hello)));
  await new Promise<void>((done) => gateway.listen(cliSocket, done));
  onTestFinished(() => {
    gateway.close();
    rmSync(run, { recursive: true });
  });
  const { code, err } = await stack.cli('--home', home, 'up');

  expect(err).toContain('STACK_UNCLAIMED');
  expect(code).toBe(1);
  expect(existsSync(join(home, 'anchors'))).toBe(false);
});
