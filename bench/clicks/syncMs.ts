import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { quantile } from './numbers.ts';

/** Milliseconds that it takes here to append 8 KiB to a file and have it on disk: the middle of 200 times. */
export function syncMs(dir: string): number {
  const file = join(dir, 'sync');
  const descriptor = openSync(file, 'w');
  const block = Buffer.alloc(8_192, 1);
  const times = Float64Array.from({ length: 200 }, () => {
    const began = performance.now();
    writeSync(descriptor, block);
    fdatasyncSync(descriptor);
    return performance.now() - began;
  });
  closeSync(descriptor);
  rmSync(file);
  return quantile(times.sort(), 0.5);
}
