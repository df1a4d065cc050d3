import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const CHILD = `
  import { bootClock } from '#appliance/sandbox/supervisor/halt.ts';
  import { supervise } from '#appliance/sandbox/supervisor/supervise.ts';
  const [folder, shell] = process.argv.slice(1);
  const { boot, seconds } = bootClock();
  const { report } = await supervise(
    {
      options: ('--unshare-all --as-pid-1 --die-with-parent --proc /proc --dev /dev --tmpfs /tmp ' +
        '--ro-bind /usr /usr --ro-bind /bin /bin --ro-bind /lib /lib --ro-bind /lib64 /lib64 ' +
        '--bind ' + folder + ' /w --chdir /w').split(' '),
      command: ['/bin/sh', '-c', shell + '; sleep 1; echo done'],
      request: '',
      limits: { cpuSeconds: 5, memoryBytes: 1e9, processes: 99, outputBytes: 99, wallSeconds: 5 },
      writable: folder,
      cgroups: [],
      killFile: folder + '/kill',
    },
    { until: { boot, seconds: seconds + 60 } },
  );
  console.log(JSON.stringify(report));`;

/** Runs a shell on a file system of 8 MiB and 1,000 files, in a name space of mounts of its own. */
function run(shell: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'disk-'));
  const mount = 'mount -t tmpfs -o size=8m,nr_inodes=1000 none "$1"';
  const script = `${mount} && exec "$2" --input-type=module -e "$3" "$1" "$4"`;
  const argv = ['-Urm', 'sh', '-c', script, 'sh', folder, process.execPath, CHILD, shell];
  const { stdout } = spawnSync('/usr/bin/unshare', argv);
  rmSync(folder, { recursive: true });
  return JSON.parse(stdout.toString());
}

test('a run may take half of what is free on a disk, and no more', () => {
  expect(run('head -c 3m /dev/zero > file')).toMatchObject({ status: 'ok' });
  expect(run('head -c 6m /dev/zero > file')).toMatchObject({ status: 'limit', reason: 'output' });
});

test('nor may it take more than half of the files that there is room for', () => {
  expect(run('touch $(seq 400)')).toMatchObject({ status: 'ok' });
  expect(run('touch $(seq 600)')).toMatchObject({ status: 'limit', reason: 'output' });
});
