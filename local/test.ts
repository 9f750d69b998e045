import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMPILED } from './cache.ts';
import { GENERATED } from './generated.ts';
import { PartFailure } from './part.ts';
import { endsWithParent, signalGroup } from './process.mjs';
import { fetchRedis, findRedis } from './redis.ts';
import { findClusterPrograms, findTemporal } from './temporalProgram.ts';
import type { TestReport } from './testReport.ts';
import { temporalInTests } from './testTemporal.ts';

/**
 * `npm test`: types, lint and format, generated files, then every test. `npm test -- <filter>` runs the tests whose
 * file matches, and nothing else. With TANDEM_TEMPORAL=postgres they are played on Temporal as a cluster runs it
 * (`temporalOnPostgres.ts`). The last line counts tests and checks, each check as one.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const program = (name: string) => join(root, 'node_modules', '.bin', name);

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** What a shell calls an end by these signals. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
/** Whoever has not ended by then is ended. */
const END_WITHIN_MS = 8000;
/** So many files are named that took longest. */
const LONGEST = 25;

const stopping = new AbortController();
const running = new Set<ReturnType<typeof spawn>>();
for (const [signal, code] of Object.entries(SIGNALS)) {
  process.on(signal, () => {
    process.exitCode ??= code;
    stopping.abort();
    signalAll(signal as NodeJS.Signals);
    setTimeout(signalAll, END_WITHIN_MS, 'SIGKILL').unref();
  });
}

const began = performance.now();
const filters = process.argv.slice(2);
const count: Count = { passed: 0, failed: 0, skipped: 0 };
const lines: string[] = [];

try {
  await phases();
} catch (error) {
  if (!stopping.signal.aborted) throw error;
  console.log('\nStopped.');
  process.exit();
}
console.log(`\n${lines.join('\n')}\n  ${seconds(began)} in all\n`);
const skipped = count.skipped === 0 ? '' : `, ${count.skipped} skipped`;
console.log(`${count.passed} passed, ${count.failed} failed${skipped}`);
process.exitCode ??= count.failed === 0 ? 0 : 1;

/** Each leads a group of its own: `tsc` is a script, and its compiler another process. */
function signalAll(signal: NodeJS.Signals): void {
  for (const { pid } of running) if (pid !== undefined) signalGroup(pid, signal);
}

async function phases(): Promise<void> {
  await findServers();
  if (filters.length === 0) {
    await Promise.all([
      check('types', [program('tsc'), '--project', '.']),
      check('types of the console', [program('tsc'), '--project', 'console']),
      check('types of the client', [program('tsc'), '--project', 'client']),
      check('lint and format', [program('biome'), 'check', '--error-on-warnings', '--reporter=summary']),
    ]);
    // Each is a program that is loaded whole: as many at once as there are processors.
    const waiting = [
      { title: 'workflows are bundled', command: ['local/bundles.ts'] },
      ...GENERATED.map(({ files, script }) => ({ title: `${files} is current`, command: [script, '--check'] })),
    ];
    const next = async (): Promise<void> => {
      const each = waiting.shift();
      if (!each) return;
      await check(each.title, [process.execPath, ...each.command]);
      await next();
    };
    await Promise.all(Array.from({ length: availableParallelism() }, next));
  }
  await tests();
}

/** Here and not in the tests' own set-up, because the first time it takes minutes and has something to say. */
async function findServers(): Promise<void> {
  try {
    const find = temporalInTests() === 'postgres' ? findClusterPrograms : findTemporal;
    await find(console.log, stopping.signal);
    const missing = findRedis() === null ? await fetchRedis(console.log, stopping.signal) : null;
    if (missing !== null) throw new PartFailure(`The tests need Redis, and it could not be fetched (${missing}).`);
  } catch (error) {
    stopping.signal.throwIfAborted();
    count.failed++;
    lines.push('  ✗ servers for the tests');
    console.error(error instanceof PartFailure ? `${error.message}\n${error.details}`.trimEnd() : error);
  }
}

async function check(title: string, command: string[]): Promise<void> {
  const start = performance.now();
  const { code, output } = await run(command, 'kept');
  if (code === 0) count.passed++;
  else count.failed++;
  lines.push(`  ${code === 0 ? '✓' : '✗'} ${title}  ${seconds(start)}`);
  console.log(lines.at(-1));
  if (code !== 0) console.log(output.trimEnd());
}

async function tests(): Promise<void> {
  const start = performance.now();
  const before = readProcessors();
  const folder = mkdtempSync(join(tmpdir(), 'tandem-report-'));
  const file = join(folder, 'report.json');
  const command = [process.execPath, program('vitest'), 'run', ...filters];
  const { code, found } = await run(command, 'shown', { TANDEM_TEST_REPORT: file })
    .then((ended) => ({ ...ended, found: readReport(file) }))
    .finally(() => rmSync(folder, { recursive: true, force: true }));
  // A crash, or an error between tests: no test failed, and yet all is not well.
  const failed = code !== 0 ? Math.max(1, found.failed.length) : found.failed.length;
  count.passed += found.passed;
  count.failed += failed;
  count.skipped += found.skipped;
  lines.push(
    `  ${code === 0 ? '✓' : '✗'} tests: ${found.passed} passed, ${failed} failed  ${seconds(start)}`,
    ...found.failed.map((trouble) => `      ${trouble}`),
    ...found.unsteady.map((trouble) => `      passed only when tried again: ${trouble}`),
    ...(filters.length === 0 ? longest(found) : []),
    ...busySince(before),
  );
}

/** Where the time of a whole run went. */
function longest({ took }: TestReport): string[] {
  const slowest = [...took].sort((a, b) => b.ms - a.ms).slice(0, LONGEST);
  return slowest.map(
    ({ file, ms, loadingMs }) => `      ${inSeconds(ms)}, of it loading ${inSeconds(loadingMs)}: ${file}`,
  );
}

/** What the processors of the machine did since it was started, as the kernel counts it; null where it tells nobody. */
function readProcessors(): { all: number; idle: number } | null {
  try {
    const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    // user, nice, system, idle, iowait, irq, softirq, steal
    const counted = first.split(/\s+/).slice(1, 9).map(Number);
    const [, , , idle = 0, waiting = 0] = counted;
    return { all: counted.reduce((sum, each) => sum + each, 0), idle: idle + waiting };
  } catch {
    return null;
  }
}

/** With processors at rest it is worth while to run more files at once; others on this machine count as well. */
function busySince(before: ReturnType<typeof readProcessors>): string[] {
  const after = readProcessors();
  if (!before || !after) return [];
  const idle = (after.idle - before.idle) / (after.all - before.all);
  return [`      processors of this machine were busy for ${Math.round(100 * (1 - idle))}% of it`];
}

function readReport(file: string): TestReport {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, skipped: 0, failed: [], unsteady: [], took: [] };
  }
}

async function run(
  command: string[],
  output: 'kept' | 'shown',
  env: Record<string, string> = {},
): Promise<{ code: number; output: string }> {
  stopping.signal.throwIfAborted();
  const [first, ...args] = endsWithParent(command, 'SIGTERM');
  const child = spawn(first as string, args, {
    cwd: root,
    detached: true,
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED, ...env },
    stdio: output === 'shown' ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 1));
  });
  running.delete(child);
  stopping.signal.throwIfAborted();
  return { code, output: text };
}

function seconds(since: number): string {
  return inSeconds(performance.now() - since);
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
