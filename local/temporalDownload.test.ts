import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { freePort } from './ports.ts';
import { findTemporal } from './temporalProgram.ts';

/** A source that speaks as the SDKs' does, and a user with nothing in the cache and nothing on PATH. */

const VERSION_LINE = 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)';

let folder: string;
let said: string[];
const say = (line: string) => said.push(line);
const closing: (() => void)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-download-'));
  said = [];
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  vi.stubEnv('NO_PROXY', '127.0.0.1');
});

afterEach(() => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0)) close();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function program(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

/** An archive with a program in it that says this of its version, beside a file that is not asked for. */
function archiveOf(version: string): Buffer {
  const inside = join(folder, 'inside');
  mkdirSync(inside, { recursive: true });
  writeFileSync(join(inside, 'LICENSE'), 'free');
  program(join(inside, 'temporal'), `#!/bin/sh\necho '${version}'\n`);
  const path = join(folder, 'archive.tar.gz');
  execFileSync('tar', ['-czf', path, '-C', inside, 'LICENSE', 'temporal']);
  return readFileSync(path);
}

type Source = { url: string; asked: URL[] };

async function sourceOf(archive: RequestListener): Promise<Source> {
  const asked: URL[] = [];
  const url = await serve((request, response) => {
    asked.push(new URL(request.url ?? '', url));
    if (request.url === '/archive.tar.gz') return archive(request, response);
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ archiveUrl: `${url}/archive.tar.gz`, fileToExtract: 'temporal' }));
  });
  return { url, asked };
}

/** PATH has what a machine has, and a `go` that writes down that it was asked and cannot build. */
function withGo(): () => string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const asked = join(folder, 'go-asked');
  writeFileSync(asked, '');
  program(join(bin, 'go'), `#!/bin/sh\necho "$@" >> ${asked}\nexit 1\n`);
  vi.stubEnv('PATH', `${bin}:/usr/bin:/bin`);
  return () => readFileSync(asked, 'utf8');
}

test('the server comes by the download where the network has it, once a user, and it is said', async () => {
  const archive = archiveOf(VERSION_LINE);
  const source = await sourceOf((_request, response) => void response.end(archive));
  const goAsked = withGo();
  vi.stubEnv('TEMPORAL_DOWNLOAD_URL', source.url);
  const found = await findTemporal(say);
  expect(execFileSync(found, ['--version'], { encoding: 'utf8' })).toContain('Server 1.32.0');
  expect(statSync(found).mode & 0o777).toBe(0o755);
  expect(found.startsWith(join(folder, 'cache'))).toBe(true);
  expect(goAsked()).toBe('');
  const [first] = source.asked;
  expect(first?.pathname).toBe('/cli/v1.9.1');
  expect(Object.fromEntries(first?.searchParams ?? [])).toEqual({
    arch: process.arch === 'arm64' ? 'arm64' : 'amd64',
    platform: process.platform,
    format: 'tar.gz',
  });
  expect(said[0]).toBe(`Downloading the Temporal server from ${new URL(source.url).host}. This is done once.`);
  const before = source.asked.length;
  expect(await findTemporal(say)).toBe(found);
  expect(source.asked).toHaveLength(before);
});

test('two starts at once download it once', async () => {
  const archive = archiveOf(VERSION_LINE);
  const source = await sourceOf((_request, response) => void response.end(archive));
  withGo();
  vi.stubEnv('TEMPORAL_DOWNLOAD_URL', source.url);
  const [one, other] = await Promise.all([findTemporal(say), findTemporal(say)]);
  expect(one).toBe(other);
  expect(source.asked.filter(({ pathname }) => pathname === '/archive.tar.gz')).toHaveLength(1);
});

test('one on PATH that is new enough is used, and nothing is downloaded', async () => {
  const source = await sourceOf((_request, response) => void response.end());
  withGo();
  program(join(folder, 'bin', 'temporal'), `#!/bin/sh\necho '${VERSION_LINE}'\n`);
  vi.stubEnv('TEMPORAL_DOWNLOAD_URL', source.url);
  expect(await findTemporal(say)).toBe(join(folder, 'bin', 'temporal'));
  expect(source.asked).toEqual([]);
});

test.each([
  [
    'nobody answers there',
    async (): Promise<string> => `http://127.0.0.1:${await freePort()}`,
    /cannot be downloaded here \(ECONNREFUSED\)/,
  ],
  [
    'the source knows no such version',
    (): Promise<string> => serve((_request, response) => void response.writeHead(404).end()),
    /answers 404/,
  ],
  ['the source never answers', (): Promise<string> => serve(() => {}), /no answer within 4 s/],
  [
    'the source answers with a page of somebody else',
    (): Promise<string> => serve((_request, response) => void response.end('<html>')),
    /cannot be downloaded here \(.+\)/,
  ],
  [
    'the archive is cut short',
    async (): Promise<string> => {
      const archive = archiveOf(VERSION_LINE);
      return (await sourceOf((_request, response) => void response.end(archive.subarray(0, 40)))).url;
    },
    /cannot be downloaded here \(.+\)/,
  ],
  [
    'what comes is an older server',
    async (): Promise<string> => {
      const archive = archiveOf('temporal version 1.0.0 (Server 1.24.0, UI 2.0.0)');
      return (await sourceOf((_request, response) => void response.end(archive))).url;
    },
    /what was downloaded does not start here/,
  ],
  ['it is switched off', async (): Promise<string> => 'off', /TEMPORAL_DOWNLOAD_URL is off/],
] as const)('where %s, it is built with Go within seconds, and it is said why', async (_case, source, why) => {
  const goAsked = withGo();
  vi.stubEnv('TEMPORAL_DOWNLOAD_URL', await source());
  const began = Date.now();
  await expect(findTemporal(say)).rejects.toThrow(/could not be built \(go list ended with code 1\)/);
  expect(Date.now() - began).toBeLessThan(10_000);
  expect(goAsked()).toContain('list -deps');
  expect(said.join('\n')).toMatch(why);
  expect(said.at(-1)).toContain('Building the Temporal server with Go.');
});

test('a download that stands still is given up, and the server is built', async () => {
  const archive = archiveOf(VERSION_LINE);
  const goAsked = withGo();
  const still = await sourceOf((_request, response) => void response.write(archive.subarray(0, 20)));
  vi.stubEnv('TEMPORAL_DOWNLOAD_URL', still.url);
  await expect(findTemporal(say)).rejects.toThrow();
  expect(said.join('\n')).toContain('the download stands still');
  expect(goAsked()).not.toBe('');
}, 30_000);

test('a start that is told to stop while it downloads stops', async () => {
  withGo();
  const stopping = new AbortController();
  const source = await sourceOf((_request, response) => {
    response.write('a');
    setTimeout(() => stopping.abort(), 50);
  });
  vi.stubEnv('TEMPORAL_DOWNLOAD_URL', source.url);
  await expect(findTemporal(say, stopping.signal)).rejects.toThrow(/abort/i);
});
