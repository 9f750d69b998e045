import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The whole of Tandem, as `npm start` runs it, in a home of its own. */
export type Stack = {
  url: string;
  admin: { handle: string; password: string };
  /** Processes of today, by name. */
  pids(): Record<'supervisor' | 'api' | 'worker', number>;
  /** Ends all of it and removes its home. */
  end(): Promise<void>;
};

const START = fileURLToPath(new URL('../../local/start.ts', import.meta.url));
/** The first start of a user builds the Temporal server. */
const READY_WITHIN_MS = 10 * 60_000;
/** The supervisor promises ten seconds. */
const END_WITHIN_MS = 20_000;

export async function startStack(): Promise<Stack> {
  const home = mkdtempSync(join(tmpdir(), 'tandem-browser-'));
  const admin = { handle: 'operator', password: 'a password of the test' };
  const child = spawn(process.execPath, [START], {
    env: {
      ...process.env,
      TANDEM_HOME: home,
      PORT: String(await freePort()),
      ADMIN_HANDLE: admin.handle,
      ADMIN_PASSWORD: admin.password,
      // What names a server of somebody else's, or makes another kind of deployment of it.
      ...Object.fromEntries(
        ['DATABASE_URL', 'REDIS_URL', 'TEMPORAL_ADDRESS', 'NODE_ENV', 'HOST'].map((name) => [name, '']),
      ),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');

  async function end(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
      await ended;
      clearTimeout(late);
    }
    rmSync(home, { recursive: true, force: true });
  }

  const lines: string[] = [];
  const ready = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    });
    const late = setTimeout(() => reject(new Error('it was not ready in time')), READY_WITHIN_MS);
    late.unref();
    void ended.then(([code]) => reject(new Error(`it ended with code ${code}`)));
  });
  try {
    const url = await ready;
    return { url, admin, end, pids: () => JSON.parse(readFileSync(join(home, 'stack.json'), 'utf8')).pids };
  } catch (error) {
    await end();
    throw new Error(`Tandem did not start: ${(error as Error).message}\n${lines.join('\n')}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
