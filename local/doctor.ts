import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname } from 'node:path';
import { readConfig as readApi } from '#api/config.ts';
import { checkInvariants } from '#db/invariants.ts';
import { patientlyAt } from '#db/looking.ts';
import { ConfigInvalid } from '#program/settings.ts';
import { readConfig as readWorker } from '#worker/config.ts';
import { cacheFolder } from './cache.ts';
import { executableOnPath } from './executable.ts';
import type { StackFile } from './home.ts';
import { holderOf, isFree } from './ports.ts';
import { findRabbit } from './rabbitmq.ts';
import { findRedis } from './redis.ts';
import { findRunning } from './running.ts';
import { homeHere } from './settings.ts';

/**
 * `npm run doctor`: looks at this machine, at the settings and, where Tandem runs here, at what runs, and says what is
 * wrong and what helps. Changes nothing. Ends with 1 where something has to be done.
 */

const GIB = 1024 ** 3;
/** Data of a first week, and a Temporal server that is built. */
const LEAST_DISK = 3 * GIB;
const LEAST_MEMORY = 3 * GIB;
/** Of one invariant, where there is much. */
const PATIENCE_MS = 600_000;

/** `bad` ends it with 1; `note` works, less well. */
type Finding = { standing: 'well' | 'note' | 'bad'; says: string };
const well = (says: string): Finding => ({ standing: 'well', says });
const note = (says: string): Finding => ({ standing: 'note', says });
const bad = (says: string): Finding => ({ standing: 'bad', says });

const running = findRunning();
const findings = [...machine(), ...(await port()), ...settings(), ...(running ? await ofStack(running) : [])];
for (const { standing, says } of findings)
  console.log(`${{ well: ' ok ', note: 'note', bad: 'BAD ' }[standing]} ${says}`);
if (!running) console.log('     Nothing runs here: `npm start`.');
process.exitCode = findings.some(({ standing }) => standing === 'bad') ? 1 : 0;

function machine(): Finding[] {
  const home = homeHere();
  const { bavail, bsize } = statfsSync(existsSync(home) ? home : existsSync(dirname(home)) ? dirname(home) : '/');
  const free = bavail * bsize;
  const gib = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`;
  const temporal = cached('temporal-') || executableOnPath('temporal') !== null;
  return [
    well(`Node ${process.versions.node} runs this.`),
    free >= LEAST_DISK
      ? well(`${gib(free)} are free where ${home} is.`)
      : bad(`Only ${gib(free)} are free where ${home} is: make room, or set TANDEM_HOME.`),
    totalmem() >= LEAST_MEMORY
      ? well(`The machine has ${gib(totalmem())} of memory.`)
      : note(`The machine has ${gib(totalmem())} of memory: it works, and slowly.`),
    findRedis()
      ? well('Redis is here.')
      : note('Redis is not here: `npm start` fetches Debian’s, or live events reach one process only.'),
    findRabbit()
      ? well('RabbitMQ is here.')
      : note('RabbitMQ is not here: other services hear nothing of what happens.'),
    temporal
      ? well('The Temporal server is here.')
      : executableOnPath('go')
        ? note(
            'The Temporal server is not here yet: the first start downloads it, or builds it with Go in 4 to 10 minutes.',
          )
        : note('The Temporal server is not here yet, nor is Go to build it with: the first start has to download it.'),
  ];
}

function cached(beginning: string): boolean {
  const folder = cacheFolder();
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(beginning));
}

async function port(): Promise<Finding[]> {
  const asked = Number(process.env.PORT || 3000);
  if (running || !Number.isInteger(asked) || asked < 1 || asked > 65_535) return [];
  if (await isFree(asked)) return [well(`Port ${asked} is free.`)];
  return [bad(`Port ${asked} is taken by ${holderOf(asked) ?? 'somebody'}: stop that, or choose another with PORT.`)];
}

/** What API and worker would say of the environment that they would be started with. */
function settings(): Finding[] {
  const environment = { DATABASE_URL: 'postgres://localhost/tandem', ...process.env };
  const sentences = new Set<string>();
  for (const read of [readApi, readWorker]) {
    try {
      read(environment);
    } catch (error) {
      if (!(error instanceof ConfigInvalid)) throw error;
      for (const sentence of error.sentences) sentences.add(sentence);
    }
  }
  return sentences.size === 0 ? [well('The settings are sound.')] : [...sentences].map(bad);
}

async function ofStack({ api, databaseUrl, temporalUi }: StackFile): Promise<Finding[]> {
  return [
    await readiness(api),
    await books(databaseUrl),
    ...(temporalUi ? [well(`Temporal’s Web UI: ${temporalUi}`)] : []),
  ];
}

async function readiness(api: string): Promise<Finding> {
  try {
    const answer = await fetch(`${api}/readyz`, { signal: AbortSignal.timeout(5_000) });
    const { data, message } = (await answer.json()) as { data?: { degraded: string[] }; message?: string };
    if (!data) return bad(`${api} answers, and is not ready: ${message}`);
    if (data.degraded.length === 0) return well(`${api} answers, with all parts there.`);
    return note(
      `${api} answers; ${data.degraded.join(', ')} cannot be seen from there. Their logs are in the home’s logs/.`,
    );
  } catch {
    return bad(`stack.json says that ${api} runs, and nobody answers there: stop it with Ctrl-C and start again.`);
  }
}

async function books(databaseUrl: string): Promise<Finding> {
  const asked = patientlyAt(databaseUrl, PATIENCE_MS);
  try {
    const broken = (await asked(checkInvariants)).filter(({ rows }) => rows.length > 0).map(({ name }) => name);
    if (broken.length === 0) return well('Every invariant of the books holds.');
    return bad(`These invariants are broken: ${broken.join(', ')}. See docs/alerts/TandemBooksBroken.md.`);
  } catch (error) {
    return bad(`The database cannot be asked (${(error as Error).message}).`);
  }
}
