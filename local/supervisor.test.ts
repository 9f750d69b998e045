import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { type Part, PartFailure, type PartName, startPart, untilReady } from './part.ts';
import { isRunning, type ProcessIdentity } from './process.mjs';
import { type StartPart, Supervisor } from './supervisor.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-supervisor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let supervisor: Supervisor;
let said: string[];
let ready: Part[];
beforeEach(() => {
  said = [];
  ready = [];
  supervisor = new Supervisor({ say: (line) => said.push(line), spawned: () => {}, ready: (part) => ready.push(part) });
});
afterEach(() => supervisor.stop([['api', 'worker', 'postgres', 'redis', 'temporal']]));

/** Starts `sleep`, or a program that ends at once. */
function starts(name: PartName, endsAtOnce: () => boolean = () => false): StartPart<Part> {
  return async (spawned) => {
    const ends = endsAtOnce();
    const part = await startPart({
      name,
      command: ends ? ['false'] : ['sleep', '60'],
      log: join(folder, `${name}.log`),
      orphanSignal: 'SIGKILL',
      stop: [{ signal: 'SIGTERM', wait: 1000 }],
      spawned,
    });
    await untilReady(part, async () => !ends, 5000);
    return part;
  };
}

test('a part that is killed is started again, and said so', async () => {
  const first = await supervisor.keep('redis', starts('redis'));
  first.kill('SIGKILL');
  await expect.poll(() => ready.length, { timeout: 5000 }).toBe(2);
  expect(supervisor.parts.map(({ pid }) => pid)).toEqual([ready[1]?.pid]);
  expect(ready[1]?.pid).not.toBe(first.pid);
  await expect.poll(() => said.length).toBe(2);
  expect(said[0]).toBe('redis ended (signal SIGKILL): starting it again');
  expect(said[1]).toContain(`redis runs again as process ${ready[1]?.pid}`);
});

test('one that cannot start again yet is tried until it can', async () => {
  let failures = 0;
  const first = await supervisor.keep(
    'postgres',
    starts('postgres', () => ready.length === 1 && ++failures <= 3),
  );
  first.kill('SIGKILL');
  await expect.poll(() => ready.length, { timeout: 15_000 }).toBe(2);
  expect(failures).toBe(4);
  expect(
    said.filter((line) => line.startsWith('postgres ended while starting (exit code 1): trying again')),
  ).toHaveLength(3);
});

test('one that never comes up at first is given up, with the reason', async () => {
  let tries = 0;
  const never = starts('api', () => ++tries > 0);
  await expect(supervisor.keep('api', never)).rejects.toThrow(PartFailure);
  expect(tries).toBe(2);
  expect(supervisor.parts).toEqual([]);
});

test('one that runs but cannot be used does not stay beside its successor', async () => {
  const spawnedOnes: Part[] = [];
  const useless: StartPart<Part> = async (spawned) => {
    const part = await starts('temporal')((one) => {
      spawnedOnes.push(one);
      spawned(one);
    });
    if (spawnedOnes.length === 1) throw new PartFailure('its store is broken');
    return part;
  };
  const part = await supervisor.keep('temporal', useless);
  expect(spawnedOnes).toHaveLength(2);
  expect(isRunning(spawnedOnes[0]?.identity as ProcessIdentity)).toBe(false);
  expect(isRunning(part.identity as ProcessIdentity)).toBe(true);
});

test('parts stop group by group, and none is started again', async () => {
  const order: PartName[] = [];
  for (const name of ['api', 'redis', 'postgres'] as const) {
    const part = await supervisor.keep(name, starts(name));
    void part.ended.then(() => order.push(name));
  }
  await supervisor.stop([['api'], ['redis'], ['postgres']]);
  expect(order).toEqual(['api', 'redis', 'postgres']);
  expect(supervisor.parts).toEqual([]);
  expect(ready).toHaveLength(3);
  await expect(supervisor.keep('worker', starts('worker'))).rejects.toThrow();
});

test('a part that is just starting when the stop comes does not outlive it', async () => {
  let slow: Part | undefined;
  const starting = supervisor.keep('worker', async (spawned) => {
    slow = await starts('worker')(spawned);
    await untilReady(slow, async () => false, 30_000);
    return slow;
  });
  starting.catch(() => {});
  await expect.poll(() => slow).toBeDefined();
  await supervisor.stop([['worker']]);
  await expect(starting).rejects.toThrow();
  expect(isRunning(slow?.identity as ProcessIdentity)).toBe(false);
});
