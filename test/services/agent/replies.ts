import type { Intent } from '@physiclaw/contracts';
import type { Reply } from './fake-tools.ts';

const GB = 1_000_000_000;

export interface MachineState {
  readonly usedPercent?: number;
  readonly logBytes?: number;
  readonly burst?: number;
  readonly kills?: number;
  readonly hogBytes?: number;
  readonly lineCount?: number;
}

/** What the three surveying actuators say of a machine in some state; by default a quiet one. */
export function machineReplies(
  state: MachineState = {},
): (intent: Pick<Intent, 'actuator'>) => Reply {
  const replies: Record<string, object> = {
    disk_usage: diskOf(state),
    log_shapes: logsOf(state),
    process_list: processesOf(state),
  };
  return ({ actuator }) => ({ content: replies[actuator] ?? {} });
}

function diskOf({ usedPercent = 40, logBytes = 1_000_000 }: MachineState): object {
  return {
    mounts: [
      {
        path: '/',
        device: '/dev/sda1',
        filesystem: 'ext4',
        readOnly: false,
        totalBytes: 100 * GB,
        usedBytes: usedPercent * GB,
        availableBytes: (100 - usedPercent) * GB,
        usedPercent,
        totalInodes: 1000,
        usedInodes: 10,
        usedInodesPercent: 1,
      },
    ],
    folders: [
      { path: '/var/log', bytes: logBytes, files: 12, complete: true },
      { path: '/var/log/app', bytes: logBytes / 2, files: 3, complete: true },
    ],
    notChecked: [{ what: '/root', why: 'masked' }],
  };
}

function logsOf({ burst = 0, lineCount = 500 }: MachineState): object {
  return {
    recentMinutes: 60,
    earlierMinutes: 1440,
    fileCount: 2,
    lineCount,
    shapeCount: 1,
    newCount: 0,
    burstingCount: burst > 0 ? 1 : 0,
    shapes: [
      {
        source: 'app.log',
        template: 'request <n> failed',
        level: burst > 0 ? 'error' : 'info',
        count: 100 + burst,
        recentCount: burst,
        earlierCount: 100,
        new: false,
        burstRatio: burst > 0 ? 12 : 0,
        bursting: burst > 0,
        example: 'request 7 failed',
      },
    ],
    notChecked: [],
  };
}

function processesOf({ kills = 0, hogBytes = GB }: MachineState): object {
  return {
    memoryTotalBytes: 16 * GB,
    memoryAvailableBytes: 12 * GB,
    load1: 0.5,
    load5: 0.4,
    load15: 0.3,
    cpus: 4,
    uptimeSeconds: 7200,
    outOfMemoryKills: kills,
    processCount: 90,
    zombieCount: 0,
    uninterruptibleCount: 0,
    processes: [{ pid: 77, name: 'postgres', rssBytes: hogBytes, cpuPercent: 3 }],
    notChecked: [],
  };
}
