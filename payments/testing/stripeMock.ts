import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '#local/cache.ts';
import { takeLock } from '#local/lock.mjs';
import { endsWithParent } from '#local/process.mjs';

const run = promisify(execFile);

const MODULE = fileURLToPath(new URL('./stripe-mock', import.meta.url));
const PACKAGE = 'github.com/stripe/stripe-mock';

/** A cold build takes 20 s on two cores; downloads come on top. */
export const BUILD_MS = 300_000;

export type StripeMock = { url: string; stop(): Promise<void> };

/**
 * Starts stripe-mock, Stripe's own server that checks requests against Stripe's OpenAPI description, on a free port.
 * It is built with Go from the module pinned in `stripe-mock/`, once a user. It remembers nothing: answers are samples.
 */
export async function startStripeMock(): Promise<StripeMock> {
  const program = await findProgram();
  // Both doors are named, since the one left out would open on all addresses of the machine, on a fixed port.
  const [command, ...args] = endsWithParent(
    [program, '-http-addr', '127.0.0.1:', '-https-addr', '127.0.0.1:'],
    'SIGKILL',
  );
  const child = spawn(command as string, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    const [, address] = /Listening for HTTP at address: (\S+)/.exec(line) ?? [];
    if (!address) continue;
    child.stdout.resume();
    return {
      url: `http://${address}`,
      async stop() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  }
  throw new Error('stripe-mock ended without listening.');
}

/** Named by what it is built from, so that a new version is built anew and an old clone still finds its own. */
async function findProgram(): Promise<string> {
  const sources = ['go.mod', 'go.sum'].map((file) => readFileSync(join(MODULE, file)));
  const hash = createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 16);
  const program = join(cacheFolder(), `stripe-mock-${process.platform}-${process.arch}-${hash}`, 'stripe-mock');
  while (!existsSync(program)) {
    const lock = takeLock(`${dirname(program)}.lock`);
    if (!lock.release) {
      await setTimeout(500);
      continue;
    }
    try {
      if (!existsSync(program)) await build(program);
    } finally {
      lock.release();
    }
  }
  return program;
}

async function build(program: string): Promise<void> {
  mkdirSync(dirname(program), { recursive: true });
  const draft = `${program}.new`;
  const go = ['/usr/local/go/bin/go', '/usr/lib/go/bin/go'].find(existsSync) ?? 'go';
  // -s -w leaves debugging tables out: a third smaller.
  const args = ['build', '-buildvcs=false', '-trimpath', '-ldflags=-s -w', '-o', draft, PACKAGE];
  try {
    await run(go, args, { cwd: MODULE, env: { ...process.env, GOWORK: 'off' }, timeout: BUILD_MS });
  } catch (error) {
    throw new Error('stripe-mock could not be built: the payment tests need Go 1.26.8 or newer.', { cause: error });
  }
  renameSync(draft, program);
}
