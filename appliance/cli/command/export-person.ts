import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { methods } from '@physiclaw/contracts';
import { codeOf, writeDurable } from '@physiclaw/platform';
import { encodeBase64 } from '@physiclaw/proof';
import { encodePkcs12 } from '../certificate/pkcs12.ts';
import { createOwnKey } from '../certificate/request.ts';
import type { Context } from '../context.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { Failure } from '../failure.ts';
import { signedInClient } from '../session/sign-in.ts';

const SHORTEST_PASSWORD = 12;

/** Writes a new key of the person who types, with its certificate, as browsers and smart cards take it. */
export async function exportPerson(
  { printer, places }: Context,
  file: string,
  passwordFile: string | undefined,
): Promise<ExitCode> {
  const chosen = passwordFile === undefined ? undefined : readPassword(passwordFile);
  const password = chosen ?? randomBytes(15).toString('base64url');
  if (existsSync(file)) throw exists(file);
  const { key, request } = await createOwnKey();
  const client = signedInClient(places.cliSocket, places.people);
  const asked = { request: encodeBase64(request) };
  const given = await client.call('certificate', methods.certificate, asked);
  const { certificate, bundle: authorities, notAfter } = given;
  const bytes = encodePkcs12({ key, certificate, authorities, name: 'physiclaw' }, password);
  await writeNew(file, bytes);
  printer.value({ file, notAfter, certificate, ...(chosen === undefined && { password }) });
  printer.line(`${file}: your key and certificate, until ${notAfter}`);
  if (chosen === undefined) printer.line(`password, shown once: ${password}`);
  return exitCodes.ok;
}

/** The first line of a file. */
function readPassword(path: string): string {
  if (!existsSync(path)) {
    const missing = `expected a password in the first line of ${path}, found no such file`;
    throw new Failure('PASSWORD_MISSING', missing, exitCodes.usage);
  }
  const [password = ''] = readFileSync(path, 'utf8').split('\n', 1);
  if (password.length >= SHORTEST_PASSWORD) return password;
  const message = `expected a password of ${SHORTEST_PASSWORD} characters or more in the first line of ${path}, found ${password.length}`;
  throw new Failure('PASSWORD_SHORT', message, exitCodes.usage);
}

async function writeNew(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeDurable(file, bytes, { mode: 0o600, exclusive: true });
  } catch (error) {
    throw codeOf(error) === 'EEXIST' ? exists(file) : error;
  }
}

function exists(file: string): Failure {
  const message = `expected no file at ${file}, found one; choose another name`;
  return new Failure('FILE_EXISTS', message, exitCodes.usage);
}
