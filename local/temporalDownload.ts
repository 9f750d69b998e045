import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync, rmSync } from 'node:fs';
import * as http from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { DEV_SERVER } from './temporalBuild.ts';

/** Where Temporal's SDKs get their development server from; TEMPORAL_DOWNLOAD_URL names another place. */
const SOURCE = 'https://temporal.download';
/** As the value of TEMPORAL_DOWNLOAD_URL: nothing is downloaded. */
const OFF = 'off';
/** The source says within this, in ms, where the archive is, or counts as out of reach. */
const SAYS_WITHIN = 4000;
/** A download that brings nothing for this long, in ms, is given up. */
const STALLS_AFTER = 8000;
const PROGRESS_EVERY = 5000;

const answerSchema = z.object({ archiveUrl: z.url(), fileToExtract: z.string().min(1) });
type Archive = z.infer<typeof answerSchema>;

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Downloads the `temporal` program of the pinned version into `target`, the way the SDKs do it: the source is asked
 * where the archive for this machine is, and the program is taken out of that. Answers null, or within seconds why it
 * cannot be had, in a few words. Only an abort is thrown.
 */
export async function downloadTemporal(
  target: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<string | null> {
  const source = process.env.TEMPORAL_DOWNLOAD_URL || SOURCE;
  if (source === OFF) return 'TEMPORAL_DOWNLOAD_URL is off';
  // Older versions of Node 24 lack it; a proxy then has to let this through by itself.
  const stopProxy = http.setGlobalProxyFromEnv?.();
  const began = Date.now();
  const given = new AbortController();
  const giveUp = () => given.abort();
  signal?.addEventListener('abort', giveUp);
  try {
    const archive = await askForArchive(source, AbortSignal.any([given.signal, AbortSignal.timeout(SAYS_WITHIN)]));
    say(`Downloading the Temporal server from ${new URL(archive.archiveUrl).host}. This is done once.`);
    await extract(archive, target, say, given);
    say(`Downloaded in ${Math.round((Date.now() - began) / 1000)} s.`);
    return null;
  } catch (error) {
    rmSync(target, { force: true });
    signal?.throwIfAborted();
    return reasonOf(error);
  } finally {
    signal?.removeEventListener('abort', giveUp);
    stopProxy?.();
  }
}

async function askForArchive(source: string, signal: AbortSignal): Promise<Archive> {
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined) throw new Error(`there is none for ${process.arch}`);
  const url = new URL(`${source.replace(/\/$/, '')}/cli/${pinnedVersion()}`);
  url.search = String(new URLSearchParams({ arch: architecture, platform: process.platform, format: 'tar.gz' }));
  const response = await fetch(url, { signal });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${url.host} answers ${response.status}`);
  }
  const answer = answerSchema.safeParse(await response.json());
  if (!answer.success) throw new Error(`${url.host} does not say where it is`);
  return answer.data;
}

/** The version that is built where nothing can be downloaded. */
function pinnedVersion(): string {
  const [, version] = /temporalio\/cli (v[\d.]+)/.exec(readFileSync(join(DEV_SERVER.module, 'go.mod'), 'utf8')) ?? [];
  if (version === undefined) throw new Error('temporal-server/go.mod names no version of the cli');
  return version;
}

async function extract(
  { archiveUrl, fileToExtract }: Archive,
  target: string,
  say: (line: string) => void,
  given: AbortController,
): Promise<void> {
  let received = 0;
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  const stalled = setTimeout(() => given.abort(new Error('the download stands still')), STALLS_AFTER);
  let all = '';
  const progress = setInterval(() => say(`  ${megabytes(received)}${all} MB`), PROGRESS_EVERY);
  try {
    const response = await fetch(archiveUrl, { signal: given.signal });
    if (!response.ok || !response.body) throw new Error(`${new URL(archiveUrl).host} answers ${response.status}`);
    const length = Number(response.headers.get('content-length'));
    if (length > 0) all = ` of ${megabytes(length)}`;
    await untar(
      Readable.fromWeb(response.body).on('data', (chunk: Buffer) => {
        received += chunk.length;
        stalled.refresh();
      }),
      fileToExtract,
      target,
      given.signal,
    );
  } finally {
    clearTimeout(stalled);
    clearInterval(progress);
  }
}

/** To its output and not to the disk: whatever the archive calls its files, one place is written to. */
async function untar(archive: Readable, file: string, target: string, signal: AbortSignal): Promise<void> {
  const tar = spawn('tar', ['-xzOf', '-', '--', file], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(tar, 'close');
  try {
    await Promise.all([
      pipeline(archive, tar.stdin, { signal }),
      pipeline(tar.stdout, createWriteStream(target, { mode: 0o755 }), { signal }),
    ]);
    const [code] = await ended;
    if (code !== 0) throw new Error('the archive cannot be read');
  } finally {
    tar.kill('SIGKILL');
  }
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return `no answer within ${SAYS_WITHIN / 1000} s`;
  const { code, message: inner } = (cause ?? {}) as NodeJS.ErrnoException;
  return code ?? inner ?? message;
}
