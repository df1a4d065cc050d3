import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { download } from '#offline-bundle/program/apt-helper.ts';

const CONTENT = 'a package';
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

let folder = '';
let server: Server;
let base = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'physiclaw-download-'));
  server = createServer(({ url }, response) => {
    response.statusCode = url === '/pool/a%2bb_1%7e2.deb' ? 200 : 404;
    response.end(response.statusCode === 200 ? CONTENT : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a port');
  base = `http://127.0.0.1:${address.port}`;
});
afterAll(async () => {
  server.close();
  await once(server, 'close');
  rmSync(folder, { recursive: true });
});

function file(name: string, path = 'pool/a+b_1~2.deb', sha256 = SHA256) {
  return { address: `${base}/${path}`, file: join(folder, name), sha256 };
}

test('a file with the digest that was asked for is there afterwards', async () => {
  await download([file('one'), file('two')]);

  expect(readFileSync(join(folder, 'two'), 'utf8')).toBe(CONTENT);
});

test('a file with another digest is refused by name', async () => {
  await expect(download([file('changed', undefined, 'ab'.repeat(32))])).rejects.toMatchObject({
    code: 'BUNDLE_INPUT_CHANGED',
    message: expect.stringContaining('a+b_1~2.deb'),
  });
});

test('a file that the mirror no longer has is named, with the command that helps', async () => {
  const refused = download([file('good'), file('gone', 'pool/gone_1.deb')]);

  await expect(refused).rejects.toMatchObject({
    code: 'BUNDLE_PACKAGE_GONE',
    message: 'the mirror no longer has gone_1.deb; make a new lock: physiclaw bundle lock',
  });
});

test('a mirror that cannot be asked is another thing than a file that is gone', async () => {
  const silent = { ...file('silent'), address: 'absent://nowhere/x.deb' };

  await expect(download([silent])).rejects.toMatchObject({ code: 'BUNDLE_PROGRAM_FAILED' });
});

test('nothing is started for no files', async () => {
  await expect(download([])).resolves.toBeUndefined();
});
