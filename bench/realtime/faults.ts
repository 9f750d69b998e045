import { setTimeout as wait } from 'node:timers/promises';
import { openCluster } from '../../journeys/cluster.ts';
import { openCompany } from '../../journeys/company.ts';

/** Two nodes under load with Redis away for a while: what was said meanwhile, and whatever went wrong. */
export type Away = { seconds: number; people: number; said: number; wrong: string[] };

const EVERY_MS = 700;

export async function measureAway(dir: string, seconds: number, people: number): Promise<Away> {
  const cluster = await openCluster(dir, 2);
  const company = await openCompany(cluster.url, people);
  try {
    const stop = company.talk(EVERY_MS);
    await wait(3_000);
    await cluster.loseRedis();
    const before = company.said();
    await wait(seconds * 1_000);
    const said = company.said() - before;
    await cluster.bringRedis();
    await wait(3_000);
    await stop();
    return { seconds, people, said, wrong: await company.whatIsWrong() };
  } finally {
    await company.close();
    await cluster.close();
  }
}
