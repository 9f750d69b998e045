import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify, isRunning } from './process.mjs';

/** @see lock.d.mts */
export function takeLock(path) {
  // The folder may be a home, which is closed to other users whoever is the first to make it.
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const mine = JSON.stringify(identify(process.pid));
  const draft = `${path}.${process.pid}`;
  // A hard link is made or not made, with its content complete: nobody ever reads half a lock.
  for (;;) {
    writeFileSync(draft, mine, { mode: 0o600 });
    try {
      place(draft, path, mine);
      return held(path, draft, mine);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
    const found = readOrNull(path);
    if (found === null) continue;
    const holder = parseOrNull(found);
    const running = holder === null ? undefined : [holder, holder.also].find((one) => one && isRunning(one));
    if (running !== undefined) return { holder: running };
    breakLock(path, found);
  }
}

function held(path, draft, mine) {
  let content = mine;
  return {
    release: () => releaseLock(path, content),
    /** The lock is also held by a process we have started, should we die and it go on. */
    share(identity) {
      const shared = JSON.stringify({ ...JSON.parse(mine), also: identity });
      if (shared === content) return;
      writeFileSync(draft, shared, { mode: 0o600 });
      renameSync(draft, path);
      content = shared;
    },
  };
}

function place(draft, path, mine) {
  try {
    linkSync(draft, path);
  } catch (error) {
    // Some file systems have no hard links; there half a lock can be read, and counts as one of the dead.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes(error.code)) throw error;
    writeFileSync(path, mine, { mode: 0o600, flag: 'wx' });
  }
}

/** Removes a lock whose holder is gone, unless somebody else did that first and the lock is theirs by now. */
function breakLock(path, stale) {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
    if (readOrNull(aside) !== stale) linkSync(aside, path);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function releaseLock(path, mine) {
  if (readOrNull(path) === mine) rmSync(path, { force: true });
}

function readOrNull(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

function parseOrNull(text) {
  try {
    const holder = JSON.parse(text);
    return typeof holder?.pid === 'number' && typeof holder.birth === 'string' ? holder : null;
  } catch {
    return null;
  }
}
