import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refuseBusyPort } from '../../../appliance/stack/busy-port.ts';

let server: Server;

beforeEach(() => {
  server = createServer();
});

afterEach(() => server.close());

test.each(['127.0.0.1', '::1', '0.0.0.0'])('who listens on %s is named', async (host) => {
  const port = await listen(host);

  await expect(refuseBusyPort(port)).rejects.toMatchObject({
    code: 'STACK_PORT_BUSY',
    message: expect.stringMatching(
      new RegExp(
        `port ${port} is in use by pid ${process.pid} \\(.*node.*\\) of user \\w+; end it`,
      ),
    ),
  });
});

test('a port that nobody listens on is no reason to refuse, and is free afterwards', async () => {
  const port = await listen('127.0.0.1');
  server.close();
  await once(server, 'close');

  await expect(refuseBusyPort(port)).resolves.toBeUndefined();
  await expect(refuseBusyPort(port)).resolves.toBeUndefined();
});

async function listen(host: string): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  return isTcp(address) ? address.port : 0;
}

function isTcp(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
