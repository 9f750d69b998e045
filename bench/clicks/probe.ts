import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into the API and the worker before their own code (`node --import`), so that the very programs are measured
 * and nothing of them is changed: it keeps what they give to the histogram of how far workflows are behind, sample by
 * sample, and takes CPU profiles. It answers on a port of its own.
 */

/** The environment that loads it into a program. */
export function probing(port: number): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--import=${fileURLToPath(import.meta.url)}`, BENCH_PROBE_PORT: String(port) };
}

// Threads that the program starts load it as well.
if (isMainThread && process.env.BENCH_PROBE_PORT) listen(Number(process.env.BENCH_PROBE_PORT));

function listen(port: number): void {
  let samples: number[] = [];
  const { Histogram } = createRequire(import.meta.url)('prom-client') as typeof import('prom-client');
  // `observe` of every histogram is made from this one.
  const prototype = Histogram.prototype as unknown as { observeWithoutExemplar(...args: unknown[]): void };
  const observe = prototype.observeWithoutExemplar;
  prototype.observeWithoutExemplar = function (this: { name: string }, ...args) {
    if (this.name === 'tandem_evolved_seconds') samples.push(args[0] as number);
    observe.apply(this, args);
  };

  const session = new Session();
  const routes: Record<string, () => unknown> = {
    /** Seconds from a step's instant to its workflow having evolved through it, since last asked. */
    '/samples': () => {
      const taken = samples;
      samples = [];
      return taken;
    },
    '/profile/start': async () => {
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: 500 });
      await session.post('Profiler.start');
    },
    '/profile/stop': async () => {
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      return profile;
    },
  };
  const server = createServer(async (request, response) => {
    response.end(JSON.stringify((await routes[request.url ?? '']?.()) ?? null));
  });
  server.listen(port, '127.0.0.1').unref();
}
