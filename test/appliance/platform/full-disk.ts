import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ApplianceError,
  appendDurable,
  BlobStore,
  Journal,
  writeDurable,
} from '@physiclaw/platform';
import { z } from 'zod';

// Runs on a small file system of its own: fills it, tries each kind of write, and prints what
// became of it.
const folder = process.argv[2] ?? '/nowhere';
const big = Buffer.alloc(131_072, 'x');
const room = join(folder, 'ballast');

async function refusal(work: () => unknown) {
  try {
    await work();
    return { code: 'none' };
  } catch (error) {
    if (!(error instanceof ApplianceError)) throw error;
    return { code: error.code, statusCode: error.statusCode };
  }
}

writeFileSync(room, '');
const write = {
  ...(await refusal(() => writeDurable(join(folder, 'state'), big))),
  left: readdirSync(folder),
};

const store = new BlobStore(join(folder, 'blobs'));
const put = await refusal(() => store.put(big));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
const blob = { ...put, left: files.filter((name) => statSync(join(folder, name)).isFile()) };

writeFileSync(join(folder, 'lines'), 'before');
await using handle = await open(join(folder, 'lines'), 'a');
const appended = await refusal(() => appendDurable(handle, big));
const append = { ...appended, left: readFileSync(join(folder, 'lines'), 'utf8') };

using journal = new Journal(join(folder, 'journal'), z.string());
journal.append('first');
journal.append('second');
const journaled = await refusal(() => journal.append(big.toString()));
const file = readFileSync(join(folder, 'journal'), 'utf8');
fill();
const delivered: string[] = [];
await journal.drain((record) => delivered.push(record));

process.stdout.write(
  JSON.stringify({
    write,
    append,
    blob,
    journal: { ...journaled, file, delivered, left: journal.size },
  }),
);

/** Takes the last free byte. */
function fill(): void {
  try {
    writeFileSync(room, big);
  } catch {
    truncateSync(room, statSync(room).size);
  }
}
