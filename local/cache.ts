import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where things are kept that are made once a user and not once a clone: the Temporal server, an unpacked Redis. */
export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base?.startsWith('/') ? base : join(homedir(), '.cache'), 'tandem');
}

/**
 * Where Node keeps what it made of our sources and of packages (`NODE_COMPILE_CACHE`), which is a third of what the start
 * of a process costs. Beside the packages: it goes with them.
 */
export const COMPILED = fileURLToPath(new URL('../node_modules/.cache/tandem/compiled', import.meta.url));
