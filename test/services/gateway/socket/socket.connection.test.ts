import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { type House, startHouse } from '../house.ts';

describe('a connection', () => {
  test('is refused to a page of another site, and by a foreign name', async () => {
    const house = await startHouse({});

    expect((await open(house, { origin: 'https://evil.example' })).text).toContain(
      'GATEWAY_ORIGIN_REFUSED',
    );
    expect((await open(house, { host: `evil.example:${house.port}` })).status).toBe(421);
  });

  test('with bytes instead of text is ended', async () => {
    const house = await startHouse({});
    const socket = new WebSocket(`ws://localhost:${house.port}/ws`);
    await once(socket, 'open');
    socket.send(new Uint8Array([1]));
    const [closed] = await once(socket, 'close');

    expect(closed).toMatchObject({ code: 1003 });
  });

  test('with a frame that is larger than all is ended before it is whole', async () => {
    const house = await startHouse({});
    const socket = new WebSocket(`ws://localhost:${house.port}/ws`);
    await once(socket, 'open');
    socket.send('x'.repeat(1024 * 1024 + 1));
    const [closed] = await once(socket, 'close');

    expect(closed).toMatchObject({ code: 1009 });
  });
});

/** One try at an upgrade. */
function open(house: House, headers: Record<string, string>): ReturnType<House['http']> {
  return house.http('/ws', {
    headers: {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
      ...headers,
    },
  });
}
