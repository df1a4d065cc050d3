// What leaves the machine because its owner said so: the log, and a key that a person takes along.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import forge from 'node-forge';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createAuthority } from '#test/appliance/platform/authority.ts';
import { countArrived } from '#test/siem/arrived.ts';
import { prepareRsyslog, type Rsyslog } from '#test/siem/rsyslog.ts';
import { type Stack, startStack } from './stack.ts';

const CANARY = 'canary-7d1f';
const OPENSSL = '/usr/bin/openssl';
const PATIENCE_MS = 120_000;
const Exported = z.object({ password: z.string(), certificate: z.string() });
const Tail = z.object({
  entries: z.array(z.object({ unmapped: z.object({ event: z.object({ kind: z.string() }) }) })),
});

const cleanUp = new AsyncDisposableStack();
const folder = mkdtempSync(join(tmpdir(), 'outside-'));
cleanUp.defer(() => rmSync(folder, { recursive: true }));
let rsyslog: Rsyslog;
let stack: Stack;
beforeAll(async () => {
  const clients = (await createAuthority('none.internal')).ca;
  rsyslog = cleanUp.use(await prepareRsyslog({ folder: join(folder, 'rsyslog'), clients }));
  await rsyslog.start();
  const { tls, ca } = rsyslog;
  const siem = JSON.stringify({ destination: tls, ca, messageBytes: 16_384 });
  stack = cleanUp.use(await startStack({ config: `siem: ${siem}\n` }));
});
afterAll(() => cleanUp.disposeAsync());

test(
  'the whole log arrives elsewhere, and neither question nor argument',
  async () => {
    await stack.cli('ask', `why is ${CANARY} slow?`);
    await stack.cli('call', 'exec', 'echo', CANARY);
    const texts: string[] = [];
    const kinds = new Set<string>();
    const arrivedAt = async () => {
      texts.length = 0;
      const look = ({ id, text }: { id: string; text: string }) => {
        kinds.add(id);
        texts.push(text);
      };
      const { missing, torn } = await countArrived(rsyslog.messages('tls'), look);
      return (
        missing + torn === 0 &&
        ['genesis', 'session', 'turn', 'decision'].every((kind) => kinds.has(kind))
      );
    };

    await expect.poll(arrivedAt, { timeout: 30_000, interval: 500 }).toBe(true);
    expect(texts.join('\n')).not.toContain(CANARY);
    process.stdout.write(
      `siem: ${texts.length} entries of kinds ${[...kinds].join(' ')}; no question\n`,
    );
  },
  PATIENCE_MS,
);

test(
  '`physiclaw status` says where the log goes and how far it is',
  async () => {
    const { out } = await stack.cli('status');

    expect(out).toMatch(/^siem +ready/m);
    expect(out).toContain(`siem: connected to ${rsyslog.tls} · sent up to `);
  },
  PATIENCE_MS,
);

test(
  'a person takes a key and certificate along, and the log says so',
  async () => {
    const file = join(folder, 'person.p12');
    const { value } = await stack.json('people', 'export', file);
    const { password, certificate } = Exported.parse(value);
    const open = (word: string) =>
      spawnSync(OPENSSL, ['pkcs12', '-in', file, '-passin', `pass:${word}`, '-nodes'], {
        encoding: 'utf8',
      });
    const parsed = forge.asn1.fromDer(readFileSync(file, 'latin1'));

    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(open(password).stdout).toContain('BEGIN PRIVATE KEY');
    expect(open('another').status).not.toBe(0);
    expect(forge.pkcs12.pkcs12FromAsn1(parsed, password).safeContents).toHaveLength(2);
    expect(() => forge.pkcs12.pkcs12FromAsn1(parsed, 'another')).toThrow('password');
    const subject = execFileSync(OPENSSL, ['x509', '-noout', '-ext', 'subjectAltName'], {
      input: certificate,
      encoding: 'utf8',
    });
    expect(subject).toMatch(/URI:spiffe:\/\/physiclaw\.local\/user\/p-[0-9a-f]{16}/);
    const { value: tail } = await stack.json('audit', 'tail');
    const kinds = Tail.parse(tail).entries.map(({ unmapped }) => unmapped.event.kind);
    expect(kinds).toContain('certificate');
  },
  PATIENCE_MS,
);

test(
  'no file is written over, and no short password taken',
  async () => {
    const [taken, chosen, fresh] = ['taken', 'chosen', 'fresh.p12'].map((name) =>
      join(folder, name),
    );
    writeFileSync(taken ?? '', 'mine');
    writeFileSync(chosen ?? '', 'short\n');
    const over = await stack.cli('people', 'export', taken ?? '');
    const short = await stack.cli('people', 'export', fresh ?? '', '--password-file', chosen ?? '');
    writeFileSync(chosen ?? '', 'one that is long enough\n');
    const long = await stack.cli('people', 'export', fresh ?? '', '--password-file', chosen ?? '');

    expect([over.code, short.code, long.code]).toEqual([2, 2, 0]);
    expect(over.err).toContain('expected no file at');
    expect(short.err).toContain('expected a password of 12 characters or more');
    expect(long.out).not.toContain('password');
    expect(readFileSync(taken ?? '', 'utf8')).toBe('mine');
  },
  PATIENCE_MS,
);
