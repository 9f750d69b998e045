import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Part, startPart, untilReady } from './part.ts';
import { endsWithParent, identify, isRunning, type ProcessIdentity } from './process.mjs';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-part-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let started = 0;
function start(source: string): Promise<Part> {
  return startPart({
    name: 'api',
    command: [process.execPath, '-e', source],
    log: join(folder, `${started++}.log`),
    orphanSignal: 'SIGKILL',
    stop: [{ signal: 'SIGTERM', wait: 300 }],
  });
}

test('it is the program itself that has the pid, and its outputs are in its log', async () => {
  const part = await start(`console.log(process.pid); console.error('trouble'); setInterval(() => {}, 1000)`);
  await untilReady(part, async () => readFileSync(part.log, 'utf8').includes('trouble'), 10_000);
  expect(readFileSync(part.log, 'utf8')).toContain(`${part.pid}\n`);
  await part.stop();
  expect(part.ending).toBe('signal SIGTERM');
});

test('one that refuses to end is gone all the same, with what it has started', async () => {
  const part = await start(`
    process.on('SIGTERM', () => {});
    const { pid } = require('node:child_process').spawn('sleep', ['60'], { stdio: 'ignore' });
    console.log('child=' + pid + ';');
    setInterval(() => {}, 1000)`);
  const child = () => Number(/child=(\d+);/.exec(readFileSync(part.log, 'utf8'))?.[1]);
  await untilReady(part, async () => child() > 0, 10_000);
  const grandchild = identify(child()) as ProcessIdentity;
  await part.stop();
  expect(part.ending).toBe('signal SIGKILL');
  await expect.poll(() => isRunning(grandchild)).toBe(false);
});

test('one that ends while it starts is told with its last words', async () => {
  const part = await start(`console.error('the door is jammed'); process.exit(3)`);
  await expect(untilReady(part, async () => false, 10_000)).rejects.toMatchObject({
    message: 'api ended while starting (exit code 3)',
    details: 'the door is jammed',
  });
});

test('one that is never ready is ended and told so', async () => {
  const part = await start('setInterval(() => {}, 1000)');
  await expect(untilReady(part, async () => false, 200)).rejects.toThrow('api was not ready after 0.2 s');
  expect(await part.ended).toBe('signal SIGKILL');
});

test.runIf(process.platform === 'linux')('it ends when its parent is killed without a word', async () => {
  const source = `
    const { startPart } = await import(${JSON.stringify(new URL('./part.ts', import.meta.url).href)});
    const part = await startPart({ name: 'api', command: ['sleep', '60'], log: ${JSON.stringify(join(folder, 'orphan.log'))},
      orphanSignal: 'SIGTERM', stop: [] });
    console.log(part.pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [pid] = await once(parent.stdout, 'data');
  const part = identify(Number(pid)) as ProcessIdentity;
  expect(isRunning(part)).toBe(true);
  parent.kill('SIGKILL');
  await expect.poll(() => isRunning(part), { timeout: 10_000 }).toBe(false);
});

test.runIf(process.platform === 'linux')('it does not start when its parent has died before that was heard of', () => {
  // The shell stands where a parent stood that has died: it is not who asked.
  const [program, ...args] = endsWithParent(['echo', 'started'], 'SIGKILL');
  const output = (command: string, rest: readonly string[]) =>
    spawnSync(command, rest, { encoding: 'utf8', timeout: 10_000 }).stdout;
  expect(output(program as string, args)).toBe('started\n');
  expect(output('sh', ['-c', '"$@"; true', 'sh', program as string, ...args])).toBe('');
});
