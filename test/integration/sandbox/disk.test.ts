import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

// A small file system, in a name space of mounts of its own.
const CHILD = `
  import { bootClock } from '#services/tools/supervisor/halt.ts';
  import { supervise } from '#services/tools/supervisor/supervise.ts';
  const [folder, megabytes] = process.argv.slice(1);
  const { boot, seconds } = bootClock();
  const write = 'head -c ' + megabytes + 'm /dev/zero > /w/file; sleep 1; echo done';
  const { report } = await supervise(
    {
        options: ('--unshare-all --as-pid-1 --die-with-parent --proc /proc --ro-bind /usr /usr ' +
        '--ro-bind /bin /bin --ro-bind /lib /lib --ro-bind /lib64 /lib64 ' +
        '--dev-bind /dev/zero /dev/zero --bind ' + folder + ' /w').split(' '),
      command: ['/bin/sh', '-c', write],
      request: '',
      limits: { cpuSeconds: 5, memoryBytes: 1e9, processes: 99, outputBytes: 99, wallSeconds: 5 },
      writable: folder,
      cgroups: [],
      killFile: folder + '/kill',
    },
    { until: { boot, seconds: seconds + 60 } },
  );
  console.log(JSON.stringify(report));`;

function write(megabytes: number): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'disk-'));
  const script = `mount -t tmpfs -o size=8m none "$1" && exec "$2" --input-type=module -e "$3" "$1" ${megabytes}`;
  const argv = ['-Urm', 'sh', '-c', script, 'sh', folder, process.execPath, CHILD];
  const { stdout } = spawnSync('/usr/bin/unshare', argv);
  rmSync(folder, { recursive: true });
  return JSON.parse(stdout.toString());
}

test('a run may take half of what is free on a disk, and no more', () => {
  expect(write(3)).toMatchObject({ status: 'ok' });
  expect(write(6)).toMatchObject({ status: 'limit', reason: 'output' });
});
