import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { Connection } from '#services/siem/receiver/connection.ts';
import { createAuthority } from '#test/appliance/platform/authority.ts';
import { authority, connectTo, listen, listenPlainly, own } from './double.ts';

const silent = () => undefined;
const refusedAs = (code: string, ...words: string[]) =>
  expect.objectContaining({
    code,
    message: expect.stringMatching(new RegExp(words.join('.*'))),
  });

test('a certificate of another authority is refused', async () => {
  const other = await createAuthority('other.internal');
  const port = await listen(silent);

  await expect(connectTo(port, { ca: other.ca })).rejects.toEqual(
    refusedAs(
      'SIEM_RECEIVER_UNTRUSTED',
      `localhost:${port}`,
      'of an authority that was named for it',
    ),
  );
});

test("the machine's own list of authorities is not asked", async () => {
  const options = { names: [{ type: 'dns' as const, value: 'localhost' }], authority: true };
  const port = await listen(silent, await authority.issue('rsyslog', options));
  const { ca } = await createAuthority('none.internal');

  await expect(connectTo(port, { ca })).rejects.toMatchObject({ code: 'SIEM_RECEIVER_UNTRUSTED' });
});

test('a certificate for another name is refused', async () => {
  const port = await listen(silent);

  await expect(connectTo(port, { host: '127.0.0.1' })).rejects.toEqual(
    refusedAs('SIEM_RECEIVER_UNTRUSTED', 'another name', 'siem.destination'),
  );
});

test('a certificate that has expired is refused', async () => {
  const names = [{ type: 'dns' as const, value: 'localhost' }];
  const port = await listen(silent, await authority.issue('old', { names, lifetimeMs: -500 }));

  await expect(connectTo(port)).rejects.toEqual(
    refusedAs('SIEM_RECEIVER_UNTRUSTED', 'expired', 'clocks'),
  );
});

test('plain TCP is refused', async () => {
  const port = await listenPlainly((socket) =>
    socket.on('data', () => socket.write('220 hello\n')),
  );

  await expect(connectTo(port)).rejects.toEqual(
    refusedAs('SIEM_RECEIVER_UNTRUSTED', 'expected TLS', 'something else'),
  );
});

test('nobody there is said with the address', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  server.close();

  await expect(connectTo(port)).rejects.toEqual(
    refusedAs('SIEM_RECEIVER_UNREACHABLE', `localhost:${port}`, 'ECONNREFUSED'),
  );
});

test('a receiver that wants a certificate and is shown none says so', async () => {
  const port = await listen(silent, { ...own, requestCert: true, rejectUnauthorized: true });
  const refusal = expect.objectContaining({
    code: 'SIEM_RECEIVER_REFUSED',
    message: expect.stringContaining('siem.clientCertificate'),
  });

  const outcome = connectTo(port).then((connection) => connection.until(() => false, 5000));
  await expect(outcome).rejects.toEqual(refusal);
});

test('a receiver that wants a certificate takes the one that it is shown', async () => {
  const seen = Promise.withResolvers<unknown>();
  const port = await listen((socket) => seen.resolve(socket.getPeerCertificate().subjectaltname), {
    ...own,
    requestCert: true,
    rejectUnauthorized: true,
  });
  await connectTo(port, { shown: await authority.issue('siem') });

  expect(await seen.promise).toBe('URI:spiffe://siem.internal/siem');
});

test('a write waits while the receiver does not read, and ends when it takes too long', async () => {
  const port = await listen((socket) => socket.pause());
  const connection = await connectTo(port);
  let isThrough = false;
  const writing = connection.write(Buffer.alloc(32 * 1_048_576)).then(() => (isThrough = true));
  const late = connection.until(() => isThrough, 200);

  await expect(late).rejects.toEqual(refusedAs('SIEM_RECEIVER_SILENT', 'within 0.2 s'));
  connection[Symbol.dispose]();
  await expect(writing).rejects.toMatchObject({ code: 'SIEM_RECEIVER_UNREACHABLE' });
});

test('that the receiver ended its side says that it read to the end', async () => {
  let read = 0;
  const port = await listen((socket) => socket.on('data', (bytes) => (read += bytes.length)));
  const connection = await connectTo(port);
  await connection.write(Buffer.alloc(3_000_000));
  await connection.finish();

  expect(read).toBe(3_000_000);
});

test('a receiver that ends its side before it has all has not read it', async () => {
  const port = await listen((socket) => void setTimeout(() => socket.pause().end(), 50));
  const connection = await connectTo(port);
  const writing = connection.write(Buffer.alloc(16_777_216));
  const finished = connection.finish();

  await expect(finished).rejects.toMatchObject({ code: 'SIEM_RECEIVER_UNREACHABLE' });
  await expect(writing).rejects.toMatchObject({ code: 'SIEM_RECEIVER_UNREACHABLE' });
});

test('an end that nobody asked for is a loss', async () => {
  const port = await listen((socket) => socket.end());
  const connection = await connectTo(port);

  await expect(connection.until(() => false)).rejects.toMatchObject({
    code: 'SIEM_RECEIVER_UNREACHABLE',
  });
  await expect(connection.write(Buffer.from('x'))).rejects.toMatchObject({
    code: 'SIEM_RECEIVER_UNREACHABLE',
  });
});

test('whoever stops while it connects is told so', async () => {
  const port = await listenPlainly(silent);
  const stop = new AbortController();
  const address = { protocol: 'tls', host: 'localhost', port } as const;
  const opening = Connection.open(address, { ca: own.ca, own: undefined, signal: stop.signal });
  onTestFinished(() => opening.then((one) => one[Symbol.dispose]()).catch(() => undefined));
  stop.abort(new Error('stops'));

  await expect(opening).rejects.toThrow('stops');
});
