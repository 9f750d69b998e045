import { readdirSync, readFileSync } from 'node:fs';

/** CPU time and memory of processes, as the kernel counts them; CPU in ms, by ticks of 10. */

const TICK_MS = 10;

type Times = { pid: number; own: number; kernel: number; reaped: number; parent: number };

function timesOf(pid: number): Times | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in brackets, which may hold anything: count from its end.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent = 0, utime = 0, stime = 0, cutime = 0, cstime = 0] = [1, 11, 12, 13, 14].map((at) => fields[at]);
    return {
      pid,
      parent,
      own: (utime + stime) * TICK_MS,
      kernel: stime * TICK_MS,
      reaped: (cutime + cstime) * TICK_MS,
    };
  } catch {
    // It has ended.
    return null;
  }
}

/** A process with all that it has started: Postgres' backends count as Postgres. */
function familyOf(pid: number): Times[] {
  const all = new Map<number, Times>();
  for (const name of readdirSync('/proc')) {
    const times = /^\d+$/.test(name) ? timesOf(Number(name)) : null;
    if (times) all.set(times.pid, times);
  }
  const family: Times[] = [];
  const add = (each: number) => {
    const times = all.get(each);
    if (!times) return;
    family.push(times);
    for (const [child, { parent }] of all) if (parent === each) add(child);
  };
  add(pid);
  return family;
}

/** What of a process's own CPU time the kernel had, which served it. */
export function kernelOf(pid: number): number {
  return timesOf(pid)?.kernel ?? 0;
}

/** Of a process with its family; of this one alone, as it has started everything that is measured. */
function cpuOf(pid: number): number {
  if (pid === process.pid) return timesOf(pid)?.own ?? 0;
  return familyOf(pid).reduce((sum, { own, reaped }) => sum + own + reaped, 0);
}

/** Memory of a process with its family, in MB; what several share is counted once. */
export function memoryOf(pid: number): number {
  return familyOf(pid).reduce((sum, each) => sum + shareOf(each.pid), 0) / 1_024;
}

/** In KB: its own memory and its part of what it shares. */
function shareOf(pid: number): number {
  try {
    const [, pss = '0'] = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')) ?? [];
    return Number(pss);
  } catch {
    // It has ended, as Postgres' helpers do.
    return 0;
  }
}

/** CPU time that the whole machine has spent on anything but waiting, in ms. */
function machineCpu(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (
    readFileSync('/proc/stat', 'latin1').split('\n')[0] as string
  )
    .split(/\s+/)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) * TICK_MS;
}

/** How often disks were told to make durable what they hold: what a synced write ends in. Null where it cannot be seen. */
export function diskFlushes(): number | null {
  try {
    const disks = readFileSync('/proc/diskstats', 'latin1')
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
    return disks.reduce((sum, fields) => sum + Number(fields[18] ?? 0), 0);
  } catch {
    return null;
  }
}

/** CPU time by name since the last look. */
export class Meter {
  readonly #pids: Record<string, number>;
  #before: Record<string, number>;
  #machine: number;

  constructor(pids: Record<string, number>) {
    this.#pids = pids;
    this.#before = this.#look();
    this.#machine = machineCpu();
  }

  #look(): Record<string, number> {
    return Object.fromEntries(Object.entries(this.#pids).map(([name, pid]) => [name, cpuOf(pid)]));
  }

  /** What each has used since the meter was made, and what everything else on the machine has. */
  read(): { used: Record<string, number>; others: number } {
    const now = this.#look();
    const used = Object.fromEntries(Object.entries(now).map(([name, ms]) => [name, ms - (this.#before[name] ?? 0)]));
    const ours = Object.values(used).reduce((sum, ms) => sum + ms, 0);
    return { used, others: Math.max(0, machineCpu() - this.#machine - ours) };
  }
}
