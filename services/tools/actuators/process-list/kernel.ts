import { readFileSync } from 'node:fs';
import { type NotChecked, whyNot } from '../serve.ts';

export type Numbers = { readonly [name: string]: number };

/** What a file of /proc says, as numbers with their units; a file that is not there is said. */
export class KernelFiles {
  readonly notChecked: NotChecked[] = [];
  readonly #proc: string;

  constructor(proc: string) {
    this.#proc = proc;
  }

  memory(): Numbers {
    const text = this.#read('meminfo', 'memory');
    const kilobytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
    const names = {
      memoryTotalBytes: 'MemTotal',
      memoryAvailableBytes: 'MemAvailable',
      memoryFreeBytes: 'MemFree',
      memoryCachedBytes: 'Cached',
      memorySharedBytes: 'Shmem',
      swapTotalBytes: 'SwapTotal',
      swapFreeBytes: 'SwapFree',
    };
    return present(Object.entries(names).map(([name, field]) => [name, kilobytes(field) * 1024]));
  }

  load(): Numbers {
    const [load1 = NaN, load5 = NaN, load15 = NaN] = this.#read('loadavg', 'load')
      .split(' ')
      .map(Number);
    const cpus = this.#read('stat', 'processors').match(/^cpu\d+ /gm)?.length ?? NaN;
    return present(Object.entries({ load1, load5, load15, cpus }));
  }

  /** Seconds since the machine started. */
  uptime(): Numbers {
    const uptimeSeconds = Number.parseFloat(this.#read('uptime', 'uptime'));
    return present([['uptimeSeconds', uptimeSeconds]]);
  }

  /** Pressure stall information: the share of the last 10 and 60 s in which work waited. */
  pressure(): Numbers {
    const rows = ['cpu', 'memory', 'io'].flatMap((resource) => {
      const text = this.#read(`pressure/${resource}`, `${resource} pressure`);
      return [...text.matchAll(/^(some|full) avg10=([\d.]+) avg60=([\d.]+)/gm)].flatMap(
        ([, kind = '', avg10, avg60]): [string, number][] => [
          [`${resource}Pressure${capital(kind)}10sPercent`, Number(avg10)],
          [`${resource}Pressure${capital(kind)}60sPercent`, Number(avg60)],
        ],
      );
    });
    return present(rows);
  }

  /** Processes that the kernel killed for want of memory since the machine started. */
  outOfMemory(): Numbers {
    const what = 'out-of-memory kills';
    const text = this.#read('vmstat', what);
    const kills = Number(/^oom_kill (\d+)$/m.exec(text)?.[1]);
    if (text !== '' && Number.isNaN(kills)) {
      this.notChecked.push({ what, why: 'not counted by this kernel' });
    }
    return present([['outOfMemoryKills', kills]]);
  }

  #read(file: string, what: string): string {
    try {
      return readFileSync(`${this.#proc}/${file}`, 'utf8');
    } catch (error) {
      this.notChecked.push({ what, why: whyNot(error) });
      return '';
    }
  }
}

function present(entries: [string, number][]): Numbers {
  return Object.fromEntries(entries.filter(([, value]) => Number.isFinite(value)));
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
