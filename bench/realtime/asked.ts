import { type ChildProcess, fork, spawn } from 'node:child_process';

/** A program of the bench in a process of its own, which answers one order after the other over IPC. */
export type Asked<Order, Answer = unknown> = {
  pid: number;
  ask<Given extends Answer>(order: Order): Promise<Given>;
  /** What it said as soon as it was there. */
  ready: unknown;
  stop(): Promise<void>;
};

/** `greets`: it says something by itself before it can be asked. */
export async function startAsked<Order, Answer = unknown>(
  file: string,
  { greets, env = {} }: { greets: boolean; env?: Record<string, string> },
): Promise<Asked<Order, Answer>> {
  const child: ChildProcess = fork(file, {
    serialization: 'advanced',
    execArgv: ['--expose-gc'],
    env: { ...process.env, ...env, NODE_ENV: 'production' },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let turn: Promise<unknown> = Promise.resolve();

  function next(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const gone = () => reject(new Error(`${file} has ended`));
      child.once('exit', gone);
      child.once('message', (said: { answer?: unknown; error?: string }) => {
        child.off('exit', gone);
        if (said.error === undefined) resolve(said.answer);
        else reject(new Error(said.error));
      });
    });
  }

  const ready = greets ? await next() : null;
  return {
    pid: child.pid as number,
    ready,
    ask<Given>(order: Order) {
      const asked = turn.then(() => {
        const answer = next();
        child.send(order as object);
        return answer;
      });
      turn = asked.catch(() => {});
      return asked as Promise<Given>;
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A program that is nobody's but its maker's: it is only started and stopped. */
export function spawnPlain(program: string, args: string[]): { pid: number; stop(): Promise<void> } {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid: child.pid as number,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
