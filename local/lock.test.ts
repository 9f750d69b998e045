import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from './lock.mjs';
import { identify } from './process.mjs';

let folder: string;
let path: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-lock-'));
  path = join(folder, 'deep', 'the.lock');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A process that takes the lock at once, runs `then`, says "got" or the holder's pid, and then stays. */
async function taker(then = ''): Promise<{ child: ChildProcess; said: string }> {
  const source = `
    const { takeLock } = await import(${JSON.stringify(new URL('./lock.mjs', import.meta.url).href)});
    const lock = takeLock(${JSON.stringify(path)});
    ${then}
    console.log(lock.release ? 'got' : lock.holder.pid);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [said] = await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data');
  return { child, said: String(said).trim() };
}

test('a lock that somebody has is refused, naming who has it, and free once it is released', async () => {
  const lock = takeLock(path);
  expect((await taker()).said).toBe(String(process.pid));
  lock.release?.();
  expect((await taker()).said).toBe('got');
  expect(takeLock(path).holder?.pid).toBe(children.at(-1)?.pid);
});

test('the lock of a killed process is taken', async () => {
  const { child } = await taker();
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(existsSync(path)).toBe(true);
  expect(takeLock(path).holder).toBeUndefined();
});

test('a process that was given a dead holder’s pid does not hold its lock', () => {
  takeLock(path).release?.();
  writeFileSync(path, JSON.stringify({ ...identify(process.pid), birth: 'another boot/17' }));
  expect(takeLock(path).holder).toBeUndefined();
});

test('the lock of a killed process is not taken while what it was shared with runs', async () => {
  const other = spawn('sleep', ['60']);
  children.push(other);
  const { child, said } = await taker(`lock.share(${JSON.stringify(identify(other.pid as number))});`);
  expect(said).toBe('got');
  expect(takeLock(path).holder?.pid).toBe(child.pid);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(takeLock(path).holder?.pid).toBe(other.pid);
  other.kill('SIGKILL');
  await once(other, 'exit');
  expect(takeLock(path).holder).toBeUndefined();
});

test('a shared lock is free once it is released', async () => {
  expect((await taker(`lock.share(${JSON.stringify(identify(process.pid))}); lock.release();`)).said).toBe('got');
  expect(existsSync(path)).toBe(false);
});

test('the folder of a lock is closed to other users', () => {
  takeLock(path);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
});

test('what a power failure left of a lock is taken', () => {
  takeLock(path).release?.();
  writeFileSync(path, '');
  expect(takeLock(path).holder).toBeUndefined();
});

test('of many who find a stale lock at once, one gets it', async () => {
  takeLock(path).release?.();
  for (let round = 0; round < 5; round++) {
    writeFileSync(path, JSON.stringify({ pid: 1, birth: 'another boot/17' }));
    const said = (await Promise.all(Array.from({ length: 6 }, taker))).map((one) => one.said);
    expect(said.filter((word) => word === 'got')).toHaveLength(1);
    const ended = children.map((child) => once(child, 'exit'));
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await Promise.all(ended);
    rmSync(path, { force: true });
  }
});
