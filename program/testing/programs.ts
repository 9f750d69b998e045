import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach } from 'vitest';

/** Programs of ours as processes of their own, for tests; those that still run after a test, or after its file, are killed. */

export type Started = { child: ChildProcess; ended: Promise<number | null>; output: () => string };

const running = { test: new Set<ChildProcess>(), file: new Set<ChildProcess>() };
afterEach(() => killAll(running.test));
afterAll(() => killAll(running.file));

function killAll(children: Set<ChildProcess>): void {
  for (const child of children) child.kill('SIGKILL');
}

/** Where Node keeps what it has compiled: a third of what a start costs, and nothing that a program could read. */
const { PATH, NODE_COMPILE_CACHE } = process.env;

/** Starts a file with nothing in its environment but what is given; it lives no longer than the test, or than its file. */
export function startProgram(
  file: string,
  environment: Record<string, string>,
  { lives = 'test' }: { lives?: 'test' | 'file' } = {},
): Started {
  const child = spawn(process.execPath, [file], {
    env: { PATH, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running[lives].add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  const ended = once(child, 'close').then(([code]) => {
    running[lives].delete(child);
    return code as number | null;
  });
  return { child, ended, output: () => text };
}

/** The status that an address answers with; 0 where nobody does. */
export async function status(url: string): Promise<number> {
  return fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    (response) => response.status,
    () => 0,
  );
}
