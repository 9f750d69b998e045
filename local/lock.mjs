import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify, isRunning } from './process.mjs';

/** @see lock.d.mts */
export function takeLock(path) {
  mkdirSync(dirname(path), { recursive: true });
  const mine = JSON.stringify(identify(process.pid));
  const draft = `${path}.${process.pid}`;
  // A hard link is made or not made, with its content complete: nobody ever reads half a lock.
  for (;;) {
    writeFileSync(draft, mine, { mode: 0o600 });
    try {
      place(draft, path, mine);
      return { release: () => releaseLock(path, mine) };
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
    const found = readOrNull(path);
    if (found === null) continue;
    const holder = parseOrNull(found);
    if (holder !== null && isRunning(holder)) return { holder };
    breakLock(path, found);
  }
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
