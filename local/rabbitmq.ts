import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Connection } from 'rabbitmq-client';
import { type Part, startPart, untilReady } from './part.ts';

const run = promisify(execFile);

/** Debian's, past the wrapper that lets none but its own user and root run it, and writes into the system's folders. */
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const EPMD = '/usr/bin/epmd';

export interface RabbitOptions {
  /** Everything it keeps lives here, its cookie too. */
  readonly dir: string;
  readonly port: number;
  /** For Erlang's own talk: of the node, and of the program by which nodes find each other. */
  readonly distPort: number;
  readonly epmdPort: number;
  readonly log: string;
  readonly spawned?: (part: Part) => void;
}

export interface RabbitPart extends Part {
  readonly url: string;
}

/** Whether RabbitMQ is on this machine. */
export function findRabbit(): boolean {
  return [SERVER, EPMD].every(isExecutable);
}

/**
 * On Debian and its kin, as root: installs RabbitMQ without starting its service. It needs Erlang, which looks for itself
 * in the system's folders, so it cannot be unpacked into a cache as Redis is. Answers null, or the reason in a few words.
 */
export async function fetchRabbit(say: (line: string) => void): Promise<string | null> {
  if (process.platform !== 'linux' || !isExecutable('/usr/bin/apt-get')) return 'this is not Debian or Ubuntu';
  if (process.getuid?.() !== 0) return 'only root can install it';
  say('RabbitMQ is not installed: installing Debian’s package rabbitmq-server …');
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const options = { timeout: 600_000, maxBuffer: 64 * 1024 * 1024, env };
  try {
    await run('/usr/bin/apt-get', ['update', '-q'], options);
    await run('/usr/bin/apt-get', ['install', '-q', '-y', '--no-install-recommends', 'rabbitmq-server'], options);
    return findRabbit() ? null : 'its package holds no rabbitmq-server';
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return (stderr || message).trim().split('\n').at(-1) ?? message;
  }
}

/** Starts RabbitMQ on 127.0.0.1, as a node of its own. Throws where it is not installed: ask `findRabbit` first. */
export async function startRabbit(options: RabbitOptions): Promise<RabbitPart> {
  if (!findRabbit()) throw new Error('No rabbitmq-server on this machine');
  const { dir, port, epmdPort, log, spawned } = options;
  const env = prepareHome(options);
  // Left to itself, Erlang starts one that outlives it.
  const epmd = await startPart({
    name: 'rabbitmq',
    command: [EPMD, '-port', String(epmdPort), '-address', '127.0.0.1'],
    cwd: dir,
    log,
    orphanSignal: 'SIGKILL',
    stop: [{ signal: 'SIGTERM', wait: 500 }],
  });
  const part = await startPart({
    name: 'rabbitmq',
    command: [SERVER],
    cwd: dir,
    env,
    log,
    orphanSignal: 'SIGTERM',
    stop: [{ signal: 'SIGTERM', wait: 5_000 }],
    spawned,
  }).catch(async (error: unknown) => {
    await epmd.stop();
    throw error;
  });
  void part.ended.then(() => epmd.stop());
  const url = `amqp://guest:guest@127.0.0.1:${port}`;
  await untilReady(part, () => answers(url), 90_000);
  return Object.assign(part, { url });
}

/** Its folders and files, and the environment that keeps it in them. */
function prepareHome({ dir, port, distPort, epmdPort }: RabbitOptions): NodeJS.ProcessEnv {
  const home = join(dir, 'home');
  for (const folder of [home, join(dir, 'data'), join(dir, 'logs')])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  const config = join(dir, 'rabbitmq.conf');
  writeFileSync(
    config,
    [
      `listeners.tcp.1 = 127.0.0.1:${port}`,
      // Bounds of a guest on somebody's machine.
      'vm_memory_high_watermark.absolute = 256MB',
      'disk_free_limit.absolute = 50MB',
      '',
    ].join('\n'),
  );
  const plugins = join(dir, 'enabled_plugins');
  writeFileSync(plugins, '[].\n');
  return {
    ...process.env,
    HOME: home,
    // It is started as a service is: the program takes its script's place, and no shell stands between us and it.
    RUNNING_UNDER_SYSTEMD: '1',
    RABBITMQ_NODENAME: `tandem-${port}@localhost`,
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_CONFIG_FILE: config,
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
    RABBITMQ_MNESIA_BASE: join(dir, 'data'),
    RABBITMQ_LOG_BASE: join(dir, 'logs'),
    RABBITMQ_LOGS: '-',
    // One scheduler that does not spin while it waits: it shares its processors.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none +sbwtdcpu none',
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function answers(url: string): Promise<boolean> {
  const connection = new Connection({ url, connectionTimeout: 1_000 });
  connection.on('error', () => {});
  try {
    await connection.onConnect(1_000, true);
    return true;
  } catch {
    return false;
  } finally {
    connection.unsafeDestroy();
  }
}
