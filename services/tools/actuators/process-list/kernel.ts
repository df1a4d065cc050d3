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
    return this.#told(
      text,
      Object.entries(names).map(([name, field]) => [name, kilobytes(field) * 1024]),
    );
  }

  load(): Numbers {
    const load = this.#read('loadavg', 'load');
    const [load1 = NaN, load5 = NaN, load15 = NaN] = load
      .split(' ')
      .map((word) => Number.parseFloat(word));
    const stat = this.#read('stat', 'processors');
    const cpus = stat.match(/^cpu\d+ /gm)?.length ?? NaN;
    const rows = Object.entries({ load1, load5, load15 });
    return { ...this.#told(load, rows), ...this.#told(stat, [['cpus', cpus]]) };
  }

  /** Seconds since the machine started. */
  uptime(): Numbers {
    const text = this.#read('uptime', 'uptime');
    return this.#told(text, [['uptimeSeconds', Number.parseFloat(text)]]);
  }

  /** Pressure stall information: the share of the last 10 and 60 s in which work waited. */
  pressure(): Numbers {
    const told = ['cpu', 'memory', 'io'].map((resource) => {
      const text = this.#read(`pressure/${resource}`, `${resource} pressure`);
      const rows = ['some', 'full'].flatMap((kind): [string, number][] => {
        const found = new RegExp(`^${kind} avg10=([\\d.]+) avg60=([\\d.]+)`, 'm').exec(text);
        const [ten, sixty] = [Number(found?.[1]), Number(found?.[2])];
        const name = `${resource}Pressure${capital(kind)}`;
        return [
          [`${name}10sPercent`, ten],
          [`${name}60sPercent`, sixty],
        ];
      });
      return this.#told(text, rows);
    });
    return told.reduce((all, some) => ({ ...all, ...some }), {});
  }

  /** Processes that the kernel killed for want of memory since the machine started. */
  outOfMemory(): Numbers {
    const text = this.#read('vmstat', 'out-of-memory kills');
    const kills = Number(/^oom_kill (\d+)$/m.exec(text)?.[1]);
    return this.#told(text, [['outOfMemoryKills', kills]]);
  }

  /** The numbers of a file; one that a file which is there does not tell is said. */
  #told(text: string, rows: [string, number][]): Numbers {
    const lacking = text === '' ? [] : rows.filter(([, value]) => !Number.isFinite(value));
    for (const [what] of lacking) this.notChecked.push({ what, why: 'not told by this kernel' });
    return Object.fromEntries(rows.filter(([, value]) => Number.isFinite(value)));
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

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
