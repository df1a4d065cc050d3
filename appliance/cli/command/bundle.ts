import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { version } from '@physiclaw/machine';
import type { Lock, Wanted } from '@physiclaw/offline-bundle';
import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import type { Run } from './run.ts';

interface Places {
  readonly wanted: string;
  readonly lock: string;
  readonly product: string;
  readonly cache: string;
}

interface CreateChoices extends Places {
  readonly out: string;
  readonly date: string;
  readonly key?: string;
  readonly followMirror?: boolean;
}

interface VerifyChoices {
  readonly key: string;
  readonly into?: string;
}

// Only these commands need it: no other waits for it to load.
const offlineBundle = () => import('@physiclaw/offline-bundle');

export function addBundleCommands(program: Command, run: Run): void {
  const bundle = program
    .command('bundle')
    .description('one signed file with all that a machine is made from');
  placed(bundle.command('lock'))
    .description("settle which versions a bundle holds; asks this machine's mirror of Debian")
    .action((places: Places) => run((context) => lock(context, places)));
  placed(bundle.command('create'))
    .option('--out <dir>', 'where the bundle and its public key are written', 'out/bundle')
    .option('--key <file>', 'P-256 private key in PEM; a key for tests is made where absent')
    .addOption(
      new Option('--date <seconds>', 'date of the source, since 1970')
        .env('SOURCE_DATE_EPOCH')
        .default('1760000000'),
    )
    .option(
      '--follow-mirror',
      'where the mirror has moved on, make a new lock and say what changed',
    )
    .description('make a bundle exactly as it was locked')
    .action((choices: CreateChoices) => run((context) => create(context, choices)));
  bundle
    .command('verify <file>')
    .requiredOption('--key <file>', 'public key, got in another way than the bundle')
    .option('--into <dir>', 'write what it holds into a new folder')
    .description('check every byte of a bundle; needs no network and no running service')
    .action((file: string, choices: VerifyChoices) =>
      run((context) => verify(context, file, choices)),
    );
  bundle
    .command('inspect <file>')
    .description('what a bundle says of itself; checks nothing')
    .action((file: string) => run((context) => inspect(context, file)));
}

function placed(command: Command): Command {
  return command
    .option('--wanted <file>', 'what is wanted', 'offline-bundle/bundle.yaml')
    .option('--lock <file>', 'which versions of it', 'offline-bundle/bundle.lock')
    .option('--product <dir>', 'the build', 'dist')
    .addOption(
      new Option('--cache <dir>', 'where downloads and keys are kept')
        .env('PHYSICLAW_CACHE')
        .default(join(homedir(), '.cache/physiclaw')),
    );
}

async function lock({ printer }: Context, places: Places): Promise<ExitCode> {
  const { readWanted } = await offlineBundle();
  const changes = await lockAnew(readWanted(places.wanted), places);
  printer.value({ lock: places.lock, changes });
  for (const change of changes) printer.line(change);
  printer.line(
    `${places.lock}: ${changes.length === 0 ? 'nothing changed' : 'look at it, and commit it'}`,
  );
  return exitCodes.ok;
}

async function lockAnew(wanted: Wanted, { lock: file, product, cache }: Places): Promise<string[]> {
  const { changesOf, readLock, resolveLock, writeLock } = await offlineBundle();
  const before = existsSync(file) ? readLock(file) : undefined;
  const after = await resolveLock(wanted, { cache, product, nodeVersion: process.versions.node });
  writeLock(file, after);
  return changesOf(before, after);
}

async function create(context: Context, choices: CreateChoices): Promise<ExitCode> {
  const { BundleError, readLock, readWanted } = await offlineBundle();
  const wanted = readWanted(choices.wanted);
  try {
    return await createFrom(context, choices, wanted, readLock(choices.lock));
  } catch (error) {
    const isGone = error instanceof BundleError && error.code === 'BUNDLE_PACKAGE_GONE';
    if (!isGone || !choices.followMirror) throw error;
    context.printer.problem(error.message);
    const changes = await lockAnew(wanted, choices);
    context.printer.problem(`${choices.lock} is made anew; look at it, and commit it:`);
    for (const change of changes) context.printer.problem(`  ${change}`);
    return createFrom(context, choices, wanted, readLock(choices.lock));
  }
}

async function createFrom(
  { printer }: Context,
  { out, date, key, product, cache }: CreateChoices,
  wanted: Wanted,
  locked: Lock,
): Promise<ExitCode> {
  const { createBundle, publicPemOf, signingKeyAt } = await offlineBundle();
  const signer = signingKeyAt(key ?? join(cache, 'keys/bundle.pem'));
  const file = join(out, `physiclaw-${version}.bundle`);
  const { blobs } = await createBundle(file, wanted, locked, {
    source: '.',
    product,
    cache,
    version,
    nodeVersion: process.versions.node,
    created: Number(date),
    key: signer,
    onStep: (step, seconds) => printer.line(`${step} (${seconds.toFixed(1)} s)`),
  });
  writeFileSync(join(out, 'bundle.pub'), publicPemOf(signer));
  printer.value({ file, key: join(out, 'bundle.pub'), blobs: blobs.length });
  printer.line(`${file}: ${blobs.length} blobs; its public key: ${join(out, 'bundle.pub')}`);
  return exitCodes.ok;
}

async function verify(
  { printer }: Context,
  file: string,
  { key, into }: VerifyChoices,
): Promise<ExitCode> {
  const { fingerprintOf, readPublicKey, verifyBundle } = await offlineBundle();
  const trusted = readPublicKey(readFileSync(key, 'utf8'));
  const began = performance.now();
  const { manifest, bytes } = await printer.step('verifying', () =>
    verifyBundle(file, trusted, into),
  );
  const seconds = (performance.now() - began) / 1000;
  const { version: of, blobs } = manifest;
  printer.value({ version: of, blobs: blobs.length, bytes, seconds, key: fingerprintOf(trusted) });
  printer.line(`${file}: physiclaw ${of}, signed by ${fingerprintOf(trusted)}`);
  printer.line(`${blobs.length} blobs, ${bytes} bytes, each as signed (${seconds.toFixed(1)} s)`);
  if (into !== undefined) printer.line(`unpacked into ${into}`);
  return exitCodes.ok;
}

async function inspect({ printer }: Context, file: string): Promise<ExitCode> {
  const { inspectBundle } = await offlineBundle();
  const manifest = await inspectBundle(file);
  printer.value(manifest);
  printer.line(
    `physiclaw ${manifest.version}, of ${new Date(manifest.created * 1000).toISOString()}`,
  );
  for (const { path, size } of manifest.blobs)
    printer.line(`${String(size).padStart(12)}  ${path}`);
  printer.line('not verified: this is what the file says of itself');
  return exitCodes.ok;
}
