import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { listOf, serve, textOf } from '../serve.ts';
import { existing } from '../tree.ts';

/** As much of each stream as an answer carries. */
const KEPT_BYTES = 262_144;

await serve(async (given) => {
  const [program = '', ...rest] = listOf(given, 'argv');
  const child = spawn(program, rest, {
    cwd: existing(textOf(given, 'cwd', '.')),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [capture(child.stdout), capture(child.stderr)];
  const [exit, signal]: (number | string | null)[] = await once(child, 'close');
  return {
    ...(typeof exit === 'number' && { exit }),
    ...(typeof signal === 'string' && { signal }),
    stdout: stdout.text(),
    stdoutBytes: stdout.bytes(),
    stdoutTruncated: stdout.bytes() > KEPT_BYTES,
    stderr: stderr.text(),
    stderrBytes: stderr.bytes(),
    stderrTruncated: stderr.bytes() > KEPT_BYTES,
  };
});

function capture(stream: Readable) {
  const kept: Buffer[] = [];
  let seen = 0;
  stream.on('data', (bytes: Buffer) => {
    const room = Math.max(0, KEPT_BYTES - seen);
    kept.push(bytes.subarray(0, room));
    seen += bytes.length;
    // What no answer carries is written on, to be counted: its limit is the supervisor's to hold.
    if (bytes.length > room) process.stderr.write(bytes.subarray(room));
  });
  return { text: () => Buffer.concat(kept).toString('utf8'), bytes: () => seen };
}
