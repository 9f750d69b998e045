import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where things are kept that are made once a user and not once a clone: the Temporal server, an unpacked Redis. */
export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base?.startsWith('/') ? base : join(homedir(), '.cache'), 'tandem');
}
