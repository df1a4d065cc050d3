import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Places, placesOf } from '@physiclaw/stack';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfiguration } from '../../../appliance/stack/configuration.ts';

let home = '';
let places: Places;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'configuration-'));
  places = placesOf(home);
});

afterEach(() => rmSync(home, { recursive: true }));

test('a file with nothing but a comment is made where there is none', async () => {
  const { gateway } = await readConfiguration(places, 47_111);

  expect(gateway.port).toBe(47_111);
  expect(readFileSync(places.config, 'utf8')).toMatch(/^# .*\n+gateway:\n {2}port: 47111\n$/);
});

test('a port stays what it was set to', async () => {
  await readConfiguration(places, 47_111);

  expect(await readConfiguration(places)).toMatchObject({ gateway: { port: 47_111 } });
});

test('a file with faults is refused and left as it is', async () => {
  writeFileSync(places.config, 'gatway: {}\n');

  await expect(readConfiguration(places, 47_111)).rejects.toThrow(
    `${places.config}:1:1: unknown key gatway; did you mean gateway?`,
  );
  expect(readFileSync(places.config, 'utf8')).toBe('gatway: {}\n');
});

test('a port that somebody has is refused before anything is written', async () => {
  using server = dispose(createServer().listen(47_112, '127.0.0.1'));
  await once(server.value, 'listening');

  await expect(readConfiguration(places, 47_112)).rejects.toMatchObject({
    code: 'STACK_PORT_BUSY',
  });
  expect(existsSync(places.config)).toBe(false);
});

test('a stack that is to listen beyond loopback is refused, and told how it is reached', async () => {
  writeFileSync(places.config, 'gateway:\n  listen: all\n');

  await expect(readConfiguration(places, 47_113)).rejects.toMatchObject({
    code: 'STACK_CERTIFICATE_MISSING',
    message: expect.stringContaining('found all'),
  });
  expect(readFileSync(places.config, 'utf8')).toBe('gateway:\n  listen: all\n');
});

function dispose<Value extends { close(): unknown }>(value: Value) {
  return { value, [Symbol.dispose]: () => void value.close() };
}
