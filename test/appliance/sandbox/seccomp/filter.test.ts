import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DENIED, seccompFilter } from '#appliance/sandbox/seccomp/filter.ts';
import { openRig, type Rig, text } from '../rig.ts';
import { ALLOWED, decide, KILLED } from './machine.ts';

const EPERM = 1;
const ENOSYS = 38;
const NEW_USER = 0x10000000;

describe('the program', () => {
  const filter = seccompFilter();
  const clone = (flags: number[]) =>
    flags.map((flag) => decide(filter, { number: 56, arguments: [flag] }));

  test.each([...DENIED])('refuses %s', (_name, number) => {
    expect(decide(filter, { number })).toBe(EPERM);
  });

  test('lets every other call of the architecture through', () => {
    const special = new Set([...DENIED.values(), 53, 435]);
    const others = Array.from({ length: 600 }, (_, number) => number).filter(
      (number) => !special.has(number),
    );

    expect(others.filter((number) => decide(filter, { number }) !== ALLOWED)).toEqual([]);
  });

  test('ends a program that speaks the system calls of another architecture', () => {
    expect(decide(filter, { number: 0, architecture: 0x40000003 })).toBe(KILLED);
  });

  test('refuses the x32 numbers, under which every call has a second name', () => {
    expect(decide(filter, { number: 0x40000000 + 39 })).toBe(EPERM);
    expect(decide(filter, { number: -1 })).toBe(EPERM);
  });

  test('clone makes processes and threads, and no name space', () => {
    expect(clone([17, 0x3d0f00])).toEqual([ALLOWED, ALLOWED]);
    expect(clone([0x20000, NEW_USER, 0x40000000])).toEqual([EPERM, EPERM, EPERM]);
  });
});

// Each is tried by a real program, inside and outside; arguments are such that nothing comes of it.
const attempts: readonly { name: string; call: string; inside?: number; root?: boolean }[] = [
  { name: 'mount', call: '165, "x", "/nowhere", "x", 0, 0' },
  { name: 'umount2', call: '166, "/nowhere", 0' },
  { name: 'pivot_root', call: '155, "/nowhere", "/nowhere"', root: true },
  { name: 'chroot', call: '161, "/nowhere"' },
  { name: 'fsopen', call: '430, "nothing", 0', root: true },
  { name: 'open_tree', call: '428, -1, "nowhere", 0' },
  { name: 'clone into a user name space', call: `56, ${NEW_USER + 17}, 0, 0, 0, 0` },
  // After the clone: who has left his user name space has no name to make another with.
  { name: 'unshare', call: `272, ${NEW_USER}` },
  { name: 'clone3', call: '435, 0, 0', inside: ENOSYS },
  { name: 'setns', call: '308, -1, 0' },
  { name: 'process_vm_readv', call: '310, $$, 0, 0, 0, 0, 0' },
  { name: 'process_vm_writev', call: '311, $$, 0, 0, 0, 0, 0' },
  { name: 'add_key', call: '248, "user", "name", "x", 1, -1' },
  { name: 'request_key', call: '249, "user", "nothing", 0, 0' },
  { name: 'keyctl', call: '250, 0, -1, 1' },
  { name: 'bpf', call: '321, 0, 0, 0', root: true },
  { name: 'perf_event_open', call: '298, 0, 0, 0, -1, 0' },
  { name: 'io_uring_setup', call: '425, 0, 0' },
  { name: 'userfaultfd', call: '323, 1' },
  { name: 'kexec_load', call: '246, 0, 99999, 0, 0', root: true },
  { name: 'init_module', call: '175, 0, 0, ""', root: true },
  { name: 'open_by_handle_at', call: '304, -1, 0, 0', root: true },
  { name: 'socket of the internet', call: '41, 2, 1, 0' },
  { name: 'socket of this machine', call: '41, 1, 1, 0' },
  { name: 'socketpair of another family', call: '53, 10, 1, 0, 0' },
  { name: 'personality', call: '135, 0x40000' },
  { name: 'TIOCSTI', call: '16, 0, 0x5412, "x"' },
  { name: 'TIOCLINUX', call: '16, 0, 0x541C, "x"' },
  { name: 'memfd_create', call: '319, "x", 0' },
  { name: 'shmget', call: '29, 0, 0, 0' },
  { name: 'an x32 call', call: '0x40000000 + 39' },
  // The last: whoever is traced stops at the next signal.
  { name: 'ptrace', call: '101, 0, 0, 0, 0' },
];
/** Perl can make any system call; the child of a clone must not go on with the list. */
const PROGRAM = attempts
  .map(({ call }) => {
    const child = call.startsWith('56,') ? 'POSIX::_exit(0) if $r == 0; waitpid($r, 0);' : '';
    return `{ my ($n, @a) = (${call}); my $r = syscall($n, @a); my $e = $r == -1 ? $! + 0 : 0; ${child} print "$e\n"; }`;
  })
  .join('\n');
const PERL = ['-MPOSIX', '-e', `$| = 1; ${PROGRAM}`];
const errors = (said: string) => said.trim().split('\n').map(Number);

describe('in a sandbox', () => {
  let rig: Rig;
  let inside: number[] = [];
  let outside: number[] = [];
  beforeAll(async () => {
    rig = await openRig();
    const script = `import { spawnSync } from 'node:child_process';
      const { stdout } = spawnSync('/usr/bin/perl', ${JSON.stringify(PERL)});
      process.stdout.write(stdout);`;
    inside = errors(text(await rig.run(script)));
    outside = errors(spawnSync('/usr/bin/perl', PERL, { input: '' }).stdout.toString());
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  test.each(attempts.map((attempt, index) => ({ ...attempt, index })))(
    '$name is refused, and is not outside',
    ({ index, inside: expected = EPERM, root = false }) => {
      expect(inside[index]).toBe(expected);
      // Some are root's: to others the kernel says no in the same words, filter or not.
      const told = root && process.getuid?.() !== 0 ? undefined : outside[index];
      expect(told).not.toBe(expected);
    },
  );
});
