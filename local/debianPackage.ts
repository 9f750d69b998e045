import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isExecutable } from './executable.ts';

const run = promisify(execFile);

/** Whether this is Debian or one of its kin. */
export function canUnpack(): boolean {
  return process.platform === 'linux' && isExecutable('/usr/bin/apt-get');
}

/**
 * Downloads a package of Debian with what it depends on and unpacks them into `target`. Nothing is installed and no
 * service is started, so it needs no root and leaves the system as it was. Returns null, or why not in a few words.
 */
export async function unpackPackage(name: string, target: string, signal?: AbortSignal): Promise<string | null> {
  const draft = `${target}.${process.pid}`;
  // Lists and archives of our own: the system's may be empty, outdated, or another user's to change.
  const state = join(draft, 'apt');
  const own = [`Dir::State::lists=${state}/lists`, `Dir::Cache=${state}/cache`, 'APT::Sandbox::User=root'];
  const apt = (...args: string[]) =>
    run('/usr/bin/apt-get', [...own.flatMap((option) => ['-o', option]), ...args], {
      cwd: draft,
      timeout: 180_000,
      ...(signal === undefined ? {} : { signal }),
      maxBuffer: 16 * 1024 * 1024,
      env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    });
  try {
    mkdirSync(join(state, 'lists', 'partial'), { recursive: true });
    mkdirSync(join(state, 'cache', 'archives', 'partial'), { recursive: true });
    await apt('update', '-q');
    const plan = await apt('install', '--simulate', '--no-install-recommends', name);
    const packages = plan.stdout
      .split('\n')
      .filter((line) => line.startsWith('Inst '))
      .map((line) => line.split(' ')[1] as string);
    if (packages.length === 0) return `apt-get offers no package ${name}`;
    await apt('download', ...packages);
    const root = join(draft, 'root');
    for (const file of readdirSync(draft).filter((each) => each.endsWith('.deb'))) {
      await run('dpkg', ['-x', join(draft, file), root]);
    }
    rmSync(target, { recursive: true, force: true });
    renameSync(root, target);
    return null;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return (stderr || message).trim().split('\n').at(-1) ?? message;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Where the libraries of what was unpacked are, as LD_LIBRARY_PATH takes it. */
export function librariesOf(unpacked: string): string {
  const folders = [join(unpacked, 'usr', 'lib'), join(unpacked, 'lib')].flatMap((parent) =>
    listing(parent)
      .filter((name) => name.endsWith('-linux-gnu'))
      .map((name) => join(parent, name)),
  );
  return folders.join(':');
}

function listing(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
