import { answer, assemble, ifAnyBit, ifAtLeast, ifEqual, type Instruction, load } from './bpf.ts';

// Offsets in `struct seccomp_data`: number, architecture, and the low words of the arguments.
const NUMBER = 0;
const ARCHITECTURE = 4;
const ARGUMENT = [16, 24, 32] as const;

const X86_64 = 0xc000003e;
const X32_BIT = 0x40000000;

const ALLOW = answer(0x7fff0000);
const KILL_PROCESS = answer(0x80000000);
const EPERM = answer(0x00050000 | 1);
const ENOSYS = answer(0x00050000 | 38);

/**
 * System calls of x86-64 that no run needs: each has been, or guards, a way out of a sandbox, or
 * holds memory that no limit on processes sees. `socket` is here whole: a read-only mount does not
 * keep a program from connecting to a daemon's socket that lies in it.
 */
export const DENIED: ReadonlyMap<string, number> = tableOf(`
  mount 165, umount2 166, pivot_root 155, chroot 161, open_tree 428, move_mount 429, fsopen 430,
  fsconfig 431, fsmount 432, fspick 433, mount_setattr 442, open_tree_attr 467, swapon 167,
  swapoff 168, quotactl 179, quotactl_fd 443, unshare 272, setns 308, socket 41, ptrace 101,
  process_vm_readv 310, process_vm_writev 311, process_madvise 440, kcmp 312, pidfd_getfd 438,
  add_key 248, request_key 249, keyctl 250, bpf 321, perf_event_open 298, userfaultfd 323,
  io_uring_setup 425, io_uring_enter 426, io_uring_register 427, fanotify_init 300,
  kexec_load 246, kexec_file_load 320, init_module 175, finit_module 313, delete_module 176,
  create_module 174, acct 163, reboot 169, syslog 103, vhangup 153, iopl 172, ioperm 173,
  modify_ldt 154, uselib 134, sethostname 170, setdomainname 171, settimeofday 164,
  clock_settime 227, clock_adjtime 305, adjtimex 159, name_to_handle_at 303,
  open_by_handle_at 304, lookup_dcookie 212, move_pages 279, migrate_pages 256, mbind 237,
  set_mempolicy 238, set_mempolicy_home_node 450, memfd_create 319, memfd_secret 447,
  shmget 29, semget 64, msgget 68`);

const CLONE = 56;
const CLONE3 = 435;
const IOCTL = 16;
const PERSONALITY = 135;
const SOCKETPAIR = 53;

// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET.
const NEW_NAMESPACES = 0x7e020000;
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
const AF_UNIX = 1;

/** The filter that every run is under, for bubblewrap's `--seccomp`. x86-64 only. */
export function seccompFilter(): Buffer {
  return assemble([
    load(ARCHITECTURE),
    ifEqual(X86_64, 1, 0),
    KILL_PROCESS,
    load(NUMBER),
    ifAtLeast(X32_BIT, 0, 1),
    EPERM,
    ...[...DENIED.values()].flatMap((number) => [ifEqual(number, 0, 1), EPERM]),
    // Its flags lie in memory that a filter cannot read; told "no such call", libc uses clone.
    ifEqual(CLONE3, 0, 1),
    ENOSYS,
    ...when(CLONE, [load(ARGUMENT[0]), ifAnyBit(NEW_NAMESPACES, 0, 1), EPERM]),
    // Typing into a terminal that the run shares with a person.
    ...when(IOCTL, [load(ARGUMENT[1]), ifEqual(TIOCSTI, 1, 0), ifEqual(TIOCLINUX, 0, 1), EPERM]),
    // 0xffffffff asks which one it is; others switch off address randomisation.
    ...when(PERSONALITY, [load(ARGUMENT[0]), ifEqual(0, 2, 0), ifEqual(0xffffffff, 1, 0), EPERM]),
    ...when(SOCKETPAIR, [load(ARGUMENT[0]), ifEqual(AF_UNIX, 1, 0), EPERM]),
    ALLOW,
  ]);
}

/** `then` for this system call only; it falls through where it does not answer. */
function when(number: number, then: readonly Instruction[]): Instruction[] {
  return [ifEqual(number, 0, then.length + 1), ...then, load(NUMBER)];
}

function tableOf(text: string): Map<string, number> {
  const calls = [...text.matchAll(/(\w+) (\d+)/g)];
  return new Map(calls.map(([, name = '', number]) => [name, Number(number)]));
}
