import { execFile } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { decodeBase64, logVerifier, signerFromSeed } from '@physiclaw/proof';
import { fileProvider, genesis, type KeyProvider } from '@physiclaw/seal';
import { describe, expect, test } from 'vitest';
import { makeHome } from './home.ts';

const trustDomain = 'test.internal';
const begin = (home: string, provider: KeyProvider = fileProvider) =>
  genesis({ home, trustDomain, provider });
const text = (home: string, name: string) => readFileSync(join(home, name), 'utf8');
const everything = (home: string) =>
  ['secrets', 'anchors'].flatMap((folder) =>
    readdirSync(join(home, folder)).map((name) => `${folder}/${name}`),
  );
const ALL = [
  'secrets/authority-key',
  'secrets/ca-key',
  'secrets/log-key',
  'anchors/authority.did',
  'anchors/log.vkey',
  'anchors/trust-bundle.pem',
];

/** A provider that is killed as it makes its secret number `at`. */
function dyingProvider(at: number): KeyProvider {
  let made = 0;
  return {
    name: 'dying',
    async open(folder) {
      const store = await fileProvider.open(folder);
      return {
        has: (name) => store.has(name),
        read: (name) => store.read(name),
        create: (name, kind) =>
          ++made === at ? Promise.reject(new Error('killed')) : store.create(name, kind),
      };
    },
  };
}

/** As a service leaves it that has run. */
function serve(home: string): void {
  mkdirSync(join(home, 'state/audit'), { recursive: true });
  writeFileSync(join(home, 'state/audit/checkpoint'), 'signed');
}

test('the anchors are the public parts of the secrets', async () => {
  const home = makeHome();
  await begin(home);
  const signer = (name: string) => signerFromSeed(decodeBase64(text(home, `secrets/${name}`)));
  const bundle = new X509Certificate(text(home, 'anchors/trust-bundle.pem'));

  expect(text(home, 'anchors/log.vkey')).toBe(
    logVerifier('test.internal/log', signer('log-key').publicKey),
  );
  expect(text(home, 'anchors/authority.did')).toBe(signer('authority-key').did);
  expect(bundle.checkPrivateKey(createPrivateKey(text(home, 'secrets/ca-key')))).toBe(true);
});

test('everybody can read an anchor and nobody is meant to write it', async () => {
  const home = makeHome();
  await begin(home);
  const modes = readdirSync(join(home, 'anchors')).map((name) =>
    (statSync(join(home, 'anchors', name)).mode & 0o777).toString(8),
  );

  expect(modes).toEqual(['444', '444', '444']);
});

test('a second run changes nothing', async () => {
  const home = makeHome();
  await begin(home);
  serve(home);
  const before = ALL.map((name) => text(home, name));
  await begin(home);

  expect(ALL.map((name) => text(home, name))).toEqual(before);
  expect(everything(home)).toEqual(ALL);
});

describe('killed on its way', () => {
  test.each([1, 2, 3])('while it makes secret %i, it is completed', async (at) => {
    const home = makeHome();
    await expect(begin(home, dyingProvider(at))).rejects.toThrow('killed');
    const made = readdirSync(join(home, 'secrets')).map((name) => `secrets/${name}`);
    const before = made.map((name) => text(home, name));
    await begin(home);

    expect(made).toHaveLength(at - 1);
    expect(made.map((name) => text(home, name))).toEqual(before);
    expect(everything(home)).toEqual(ALL);
  });

  test.each([1, 2, 3])('before its last %i anchors, it is completed', async (missing) => {
    const home = makeHome();
    await begin(home);
    const order = ['log.vkey', 'authority.did', 'trust-bundle.pem'];
    for (const file of order.slice(-missing)) rmSync(join(home, 'anchors', file));
    const secrets = ALL.slice(0, 3).map((name) => text(home, name));
    await begin(home);

    expect(ALL.slice(0, 3).map((name) => text(home, name))).toEqual(secrets);
    expect(everything(home)).toEqual(ALL);
  });

  test('by a signal, at whatever moment, it is completed', async () => {
    const home = makeHome();
    const program = `import { fileProvider, genesis } from '@physiclaw/seal';
      await genesis({ home: ${JSON.stringify(home)}, trustDomain: 'test.internal', provider: fileProvider });`;
    const child = execFile(process.execPath, ['--input-type=module', '-e', program]);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    // Killed as soon as it has made something: in the midst of it.
    while (!readdirSync(home).includes('secrets')) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    child.kill('SIGKILL');
    await ended;
    await begin(home);

    expect(everything(home)).toEqual(ALL);
  });

  test('two at once leave secrets and anchors that belong together', async () => {
    const home = makeHome();
    await Promise.allSettled([begin(home), begin(home)]);
    await begin(home);

    expect(everything(home)).toEqual(ALL);
  });
});

describe('a loss is refused, never made good with something else', () => {
  test.each(['log-key', 'ca-key', 'authority-key'])(
    'of %s, whose anchor is there',
    async (name) => {
      const home = makeHome();
      await begin(home);
      rmSync(join(home, 'secrets', name));

      await expect(begin(home)).rejects.toMatchObject({
        code: 'SEAL_GENESIS_LOST',
        message: expect.stringContaining(name),
      });
      expect(readdirSync(join(home, 'secrets'))).not.toContain(name);
    },
  );

  test.each(['log.vkey', 'authority.did', 'trust-bundle.pem'])(
    'of anchors/%s, once a service has run',
    async (file) => {
      const home = makeHome();
      await begin(home);
      serve(home);
      rmSync(join(home, 'anchors', file));

      await expect(begin(home)).rejects.toMatchObject({
        code: 'SEAL_GENESIS_LOST',
        message: expect.stringContaining(file),
      });
    },
  );

  test('of all of it, once a service has run', async () => {
    const home = makeHome();
    serve(home);

    await expect(begin(home)).rejects.toMatchObject({ code: 'SEAL_GENESIS_LOST' });
    expect(readdirSync(join(home, 'secrets'))).toEqual([]);
  });
});

describe('anchors that do not match are refused', () => {
  test.each(ALL.slice(0, 3))('when %s is another one', async (secret) => {
    const [home, other] = [makeHome(), makeHome()];
    await begin(home);
    await begin(other);
    writeFileSync(join(home, secret), text(other, secret));

    await expect(begin(home)).rejects.toMatchObject({
      code: 'SEAL_ANCHOR_MISMATCH',
      message: expect.stringMatching(/expected .+ found .+ restore/),
    });
  });

  test('when the trust domain is another one', async () => {
    const home = makeHome();
    await begin(home);

    await expect(
      genesis({ home, trustDomain: 'other.internal', provider: fileProvider }),
    ).rejects.toMatchObject({ code: 'SEAL_ANCHOR_MISMATCH' });
  });

  test('when only the trust bundle is of another trust domain', async () => {
    const home = makeHome();
    await begin(home);
    chmodSync(join(home, 'anchors/trust-bundle.pem'), 0o644);
    const { certifyAuthority } = await import('#appliance/seal/certificate.ts');
    writeFileSync(
      join(home, 'anchors/trust-bundle.pem'),
      await certifyAuthority(text(home, 'secrets/ca-key'), 'other.internal'),
    );

    await expect(begin(home)).rejects.toMatchObject({ code: 'SEAL_ANCHOR_MISMATCH' });
  });

  test('when the trust bundle is no certificate', async () => {
    const home = makeHome();
    await begin(home);
    chmodSync(join(home, 'anchors/trust-bundle.pem'), 0o644);
    writeFileSync(join(home, 'anchors/trust-bundle.pem'), 'a line');

    await expect(begin(home)).rejects.toMatchObject({
      code: 'SEAL_ANCHOR_MISMATCH',
      message: expect.stringContaining('no certificate'),
    });
  });
});

describe('what others could have written is refused', () => {
  test.each(['anchors', 'anchors/log.vkey'])('%s', async (name) => {
    const home = makeHome();
    await begin(home);
    chmodSync(join(home, name), 0o777);

    await expect(begin(home)).rejects.toMatchObject({ code: 'SEAL_EXPOSED' });
  });
});

test.each([
  ['log-key', 'short'],
  ['ca-key', 'no key'],
  [
    'ca-key',
    generateKeyPairSync('ec', { namedCurve: 'P-384' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
  ],
])('a secret %s that is none is refused', async (name, content) => {
  const home = makeHome();
  await fileProvider.open(join(home, 'secrets'));
  writeFileSync(join(home, 'secrets', name), content, { mode: 0o600 });

  await expect(begin(home)).rejects.toMatchObject({ code: 'SEAL_SECRET_MALFORMED' });
});
