import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as listenOn } from 'node:net';
import { json } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Client } from '#appliance/cli/session/client.ts';
import { openSession } from '#appliance/cli/session/workspace.ts';

const session = `s-${'1'.repeat(32)}`;
const receipt = { index: 0, entry: '', proof: [], checkpoint: '' };
const MOST_BYTES = 8 * 1024 * 1024;

/** A gateway that takes everything, a folder to send it, and what it was sent. */
async function makeDesk() {
  const root = mkdtempSync(join(tmpdir(), 'workspace-'));
  const folder = join(root, 'folder');
  mkdirSync(folder);
  const asked: { name: string; body: unknown }[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const name = request.url?.split('/').at(-1) ?? '';
    asked.push({ name, body: await json(request) });
    const opened = name === 'openSession' && { tree: '0'.repeat(64), receipt };
    response.end(JSON.stringify(name === 'sendBlob' ? {} : { session, ...opened }));
  };
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((done) => server.listen(join(root, 'cli.sock'), done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(root, { recursive: true, force: true });
  });
  const client = new Client(join(root, 'cli.sock'), () => Promise.resolve('credential'));
  return { asked, folder, open: () => openSession(client, folder) };
}

test('a folder is sent as it is: each file once, links as themselves', async () => {
  const { asked, folder, open } = await makeDesk();
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'a'), 'same');
  writeFileSync(join(folder, 'sub', 'b'), 'same');
  symlinkSync('/etc/shadow', join(folder, 'link'));

  expect(await open()).toBe(session);
  expect(asked.map(({ name }) => name)).toEqual(['reserveSession', 'sendBlob', 'openSession']);
  expect(asked.at(-1)?.body).toMatchObject({
    entries: [
      { type: 'file', path: 'a', mode: 0o644, size: 4 },
      { type: 'link', path: 'link', target: '/etc/shadow' },
      { type: 'folder', path: 'sub' },
      { type: 'file', path: 'sub/b' },
    ],
  });
});

test('a file of the largest size is sent, one byte more is refused with what to do', async () => {
  const { folder, open } = await makeDesk();
  const file = join(folder, 'large');
  writeFileSync(file, '');
  truncateSync(file, MOST_BYTES);
  expect(await open()).toBe(session);
  truncateSync(file, MOST_BYTES + 1);

  await expect(open()).rejects.toMatchObject({
    code: 'WORKSPACE_FILE_TOO_LARGE',
    message: `expected files of at most ${MOST_BYTES} bytes, found ${file} of ${MOST_BYTES + 1}; leave it out, or split it`,
  });
});

test('what is neither file nor folder nor link is refused', async () => {
  const { folder, open } = await makeDesk();
  const socket = listenOn();
  await new Promise<void>((done) => socket.listen(join(folder, 'socket'), done));
  onTestFinished(() => void socket.close());

  await expect(open()).rejects.toMatchObject({ code: 'WORKSPACE_FILE_ODD' });
});

test('a folder that is not there is refused before a session opens', async () => {
  const { asked, folder, open } = await makeDesk();
  rmSync(folder, { recursive: true });

  await expect(open()).rejects.toMatchObject({ code: 'WORKSPACE_UNREADABLE' });
  expect(asked.map(({ name }) => name)).toEqual(['reserveSession']);
});
