import { readFileSync } from 'node:fs';
import type { PartName } from '#local/part.ts';
import type { Stack } from '../../journeys/stack.ts';

/** What processes hold of memory while something goes on, and whether that grows. */

export type Memory = {
  part: PartName;
  /** In MB: in the second fifth of the time, when all is warm, and in the last. */
  warmMb: number;
  lastMb: number;
  isFlat: boolean;
};

const LOOK_MS = 1_000;
/** A collector that lets garbage lie is no leak: so much more is taken for one. */
const MOST_MB = 150;

export function watchMemory(stack: Stack, parts: readonly PartName[]): { end(): Memory[] } {
  const seen = new Map<PartName, number[]>(parts.map((part) => [part, []]));
  const look = () => {
    for (const part of parts) {
      const pid = stack.file().pids[part];
      const mb = pid === null ? null : residentMb(pid);
      if (mb !== null) seen.get(part)?.push(mb);
    }
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    end() {
      clearInterval(timer);
      look();
      return parts.map((part) => memoryOf(part, seen.get(part) ?? []));
    },
  };
}

function memoryOf(part: PartName, all: readonly number[]): Memory {
  const fifth = Math.max(1, Math.floor(all.length / 5));
  const warmMb = mean(all.slice(fifth, 2 * fifth).length > 0 ? all.slice(fifth, 2 * fifth) : all);
  const lastMb = mean(all.slice(-fifth));
  return { part, warmMb, lastMb, isFlat: lastMb - warmMb < MOST_MB };
}

const mean = (all: readonly number[]): number =>
  Math.round(all.reduce((sum, each) => sum + each, 0) / Math.max(1, all.length));

function residentMb(pid: number): number | null {
  try {
    const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kb === undefined ? null : Number(kb) / 1_024;
  } catch {
    // It is not there now, or this is no Linux.
    return null;
  }
}
