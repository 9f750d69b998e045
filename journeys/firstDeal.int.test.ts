import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cacheFolder } from '#local/cache.ts';
import { canUnpack, librariesOf, unpackPackage } from '#local/debianPackage.ts';
import { executableOnPath } from '#local/executable.ts';
import { openStack, type Stack } from './stack.ts';

/** What somebody new does: pastes the first page's commands into a terminal, and loses the administrator's password. */

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const section = readme.slice(readme.indexOf('## A first deal'), readme.indexOf('## Where to look'));
const commands = [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block).join('');
const [, ending = ''] = /```\n(\[[\s\S]*?)```/.exec(section) ?? [];

let stack: Stack;

beforeAll(async () => {
  stack = await openStack();
}, 90_000);

afterAll(() => stack?.close());

type Shell = { program: string; env: NodeJS.ProcessEnv };

/** Interactive, as a terminal's is: `#` begins no comment in zsh then, and `!` means something. */
function paste(text: string, { program, env }: Shell, flags: string[]): Promise<{ out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const shell = spawn(program, flags, { env, stdio: 'pipe', timeout: 60_000 });
    let [out, err] = ['', ''];
    shell.stdout.setEncoding('utf8').on('data', (chunk) => {
      out += chunk;
    });
    shell.stderr.setEncoding('utf8').on('data', (chunk) => {
      err += chunk;
    });
    shell.once('error', reject);
    shell.once('close', () => resolve({ out, err }));
    shell.stdin.end(text);
  });
}

async function bash(): Promise<Shell> {
  return { program: '/bin/bash', env: process.env };
}

/** The machine's, or Debian's unpacked into the cache; a sentence where there is neither. */
async function zsh(): Promise<Shell | string> {
  const installed = executableOnPath('zsh');
  if (installed) return { program: installed, env: process.env };
  if (!canUnpack()) return 'zsh is not installed, and this is not Debian';
  const folder = join(cacheFolder(), `zsh-${process.arch}`);
  const program = ['usr/bin/zsh', 'bin/zsh'].map((path) => join(folder, path));
  const missing = program.some(existsSync) ? null : await unpackPackage('zsh', folder);
  const found = program.find(existsSync);
  if (missing !== null || !found) return `zsh cannot be had (${missing ?? 'its package holds none'})`;
  return { program: found, env: { ...process.env, LD_LIBRARY_PATH: librariesOf(folder) } };
}

for (const [name, get, flags] of [
  ['bash', bash, ['--norc', '--noprofile', '-i']],
  ['zsh', zsh, ['-f', '-i']],
] as const) {
  const title = `the first page’s deal can be pasted into ${name}, and ends with what the page shows`;
  test(title, { timeout: 120_000 }, async ({ skip }) => {
    const shell = await get();
    if (typeof shell === 'string') return skip(shell);
    const { out, err } = await paste(commands.replace('http://127.0.0.1:3000', stack.url), shell, [...flags]);
    const entries = out.split('\n').filter((line) => line.startsWith('["'));
    expect(entries, `${out}\n${err}`).toEqual(ending.trim().split('\n'));
    expect(err).not.toMatch(/command not found|parse error|syntax error|no matches found|event not found|quote>/);
  });
}

test('nothing in it is read otherwise by another shell: no comment, no apostrophe outside of quotes', () => {
  expect(commands).not.toMatch(/^\s*#/m);
  for (const line of commands.split('\n')) expect(line.split("'").length % 2, line).toBe(1);
});

test('a lost password of the administrator is set anew, and signs in where the old one does no longer', async () => {
  const signIn = async (handle: string, password: string) => {
    const response = await fetch(`${stack.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ handle, password }),
    });
    return { status: response.status, body: (await response.json()) as { data?: { access: string } } };
  };
  const setAnew = async (handle: string): Promise<string> => {
    const env = { ...process.env, TANDEM_HOME: stack.home, DATABASE_URL: '', ADMIN_HANDLE: '', ADMIN_PASSWORD: '' };
    const said = promisify(execFile)('npm', ['run', '--silent', 'admin:password', '--', handle], { cwd: root, env });
    const { stdout } = await said;
    expect(stdout).toMatch(new RegExp(`^Administrator: ${handle} with the password \\S{16} \\(shown this once\\)\\n$`));
    return / password (\S+) /.exec(stdout)?.[1] ?? '';
  };
  const first = await setAnew('the_admin');
  const before = await signIn('the_admin', first);
  expect(before.status).toBe(200);
  const second = await setAnew('the_admin');
  expect((await signIn('the_admin', first)).status).toBe(401);
  expect((await signIn('the_admin', second)).status).toBe(200);
  const headers = { authorization: `Bearer ${before.body.data?.access}` };
  await expect
    .poll(async () => (await fetch(`${stack.url}/api/admin/tasks`, { headers })).status, { timeout: 20_000 })
    .toBe(401);
  await expect(setAnew('demo_brand')).rejects.toThrow(/ordinary account/);
}, 60_000);
