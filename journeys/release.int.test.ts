import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sql } from '#db/pool.ts';
import type { Release } from '#worker/cluster.ts';
import { replaySampled } from '#worker/sampled.ts';
import { workflowIdOf } from '#workflows/ids.ts';
import { expectBooksInOrder, untilSettled } from './books.ts';
import { untilShown, untilStatus } from './known.ts';
import { openParts, type Parts } from './parts.ts';
import { until } from './person.ts';
import { bringTo, newSides, ok, type Played, type Sides, untilState } from './play.ts';
import { runBy, use } from './releasing.ts';

/** What a release comes upon: deals that are open, by the rules and the histories of the one before. */

const OTHER_RULES = fileURLToPath(new URL('./testing/otherRules.ts', import.meta.url));
const OTHER_RELEASE = fileURLToPath(new URL('./testing/otherRelease.ts', import.meta.url));
const RELEASED = { external: -500_000n, wallet: 450_000n, fee: 50_000n };
/** A run is called stuck after two tasks that failed, and looked for every 10 s. */
const STUCK_WITHIN_MS = 80_000;

const open: Parts[] = [];
async function place(...options: Parameters<typeof openParts>): Promise<Parts> {
  const parts = await openParts(...options);
  open.push(parts);
  return parts;
}
afterEach(async () => {
  for (const parts of open) await expectBooksInOrder(parts);
});
afterAll(async () => {
  for (const parts of open.reverse()) await parts.close();
});

describe('a release with other rules', () => {
  test('pays ten deals that were approved by the rules of before, and parks none', async () => {
    const parts = await place({ worker: false });
    const sides = await newSides(parts);
    const deals = await Promise.all(Array.from({ length: 10 }, () => bringTo(parts, sides, 'work_approved')));
    // Its runs are told all the steps there were, and make sense of few.
    await parts.startWorker(OTHER_RULES);
    for (const { id } of deals) {
      await untilState(parts, id, 'real_time');
      expect(await untilSettled(parts, id)).toEqual(RELEASED);
    }
    const { parked } = await parts.pool.one(sql.type(z.object({ parked: z.bigint().transform(Number) }))`
      SELECT count(*) AS parked FROM tasks WHERE kind = 'parked_deal'
    `);
    expect(parked).toBe(0);
  });
});

/** How a run ended: that of an ended deal may be followed by another, which finds nothing to do. */
async function endOf({ client }: Parts, { id }: Played, runId: string | undefined): Promise<string> {
  return (await client.workflow.getHandle(workflowIdOf('deal', id), runId).describe()).status.name;
}

describe('Worker Versioning', () => {
  const deploymentName = `tandem-${randomUUID()}`;
  const first: Release = { deploymentName, buildId: 'first' };
  const second: Release = { deploymentName, buildId: 'second' };
  let old: Parts;
  let anew: Parts;
  let sides: Sides;

  beforeAll(async () => {
    old = await place({ release: first });
    anew = await place({ beside: old, sharesQueue: true, release: second, worker: false });
    sides = await newSides(old);
  });

  test('gives workflows to the release in use alone: one that replays nothing harms nobody until it is, and is taken back', async () => {
    await use(old, first);
    const deals = await Promise.all([1, 2, 3].map(() => bringTo(old, sides, 'work_submitted')));
    const [before, during, after] = deals as [Played, Played, Played];
    for (const { id } of deals) await untilShown(old, id);
    expect(await runBy(old, before.id)).toBe('first');
    const runs = await Promise.all(deals.map(({ id }) => old.workflowOf(id).describe()));

    // What is asked of providers goes by queues of no release.
    const declined = await bringTo(old, sides, 'work_in_progress');
    await ok(declined.influencer.click(declined.id, 'decline_work'));
    expect(await untilSettled(old, declined.id)).toEqual({});

    await anew.startWorker(OTHER_RELEASE);
    await ok(before.brand.click(before.id, 'approve_work'));
    await untilStatus(old, before.id, 'COMPLETED');
    expect(await endOf(old, before, runs[0]?.runId)).toBe('COMPLETED');
    expect(await runBy(old, before.id)).toBe('first');

    await use(old, second);
    await ok(during.brand.click(during.id, 'approve_work'));
    await untilState(old, during.id, 'real_time', STUCK_WITHIN_MS);
    expect(await untilSettled(old, during.id)).toEqual(RELEASED);
    await until(
      () => runBy(old, during.id),
      (buildId) => buildId === 'second',
      STUCK_WITHIN_MS,
    );

    await use(old, first);
    await ok(after.brand.click(after.id, 'approve_work'));
    await untilState(old, after.id, 'real_time', STUCK_WITHIN_MS);
    expect(await untilSettled(old, after.id)).toEqual(RELEASED);
    await until(
      () => runBy(old, after.id),
      (buildId) => buildId === 'first',
    );
  }, 240_000);

  test('takes over what ran before any release had a name', async () => {
    const nameless = await place();
    const named = await place({ beside: nameless, sharesQueue: true, release: first, worker: false });
    const deal = await bringTo(nameless, await newSides(nameless), 'work_submitted');
    await untilShown(nameless, deal.id);
    const { runId } = await nameless.workflowOf(deal.id).describe();
    await named.startWorker();
    await use(named, first);
    await nameless.stopWorker();
    await ok(deal.brand.click(deal.id, 'approve_work'));
    expect(await untilSettled(named, deal.id)).toEqual(RELEASED);
    await untilStatus(named, deal.id, 'COMPLETED');
    expect(await endOf(named, deal, runId)).toBe('COMPLETED');
    expect(await runBy(named, deal.id)).toBe('first');
  }, 240_000);
});

describe('what runs, sampled and replayed', () => {
  test('replays against the code that runs it, and a release that does not is told which', async () => {
    const parts = await place();
    const sides = await newSides(parts);
    const running = await Promise.all([1, 2, 3].map(() => bringTo(parts, sides, 'work_submitted')));
    const over = await bringTo(parts, sides, 'real_time');
    for (const { id } of running) await untilShown(parts, id);
    await untilStatus(parts, over.id, 'COMPLETED');
    // The server lists what ended a moment later.
    await until(
      () => parts.client.workflow.count("ExecutionStatus = 'Completed'"),
      ({ count }) => count > 0,
    );
    expect(await replaySampled(parts.client, { each: 2 })).toEqual([
      { type: 'deal', standing: 'that run', replayed: 2, failed: [] },
      { type: 'deal', standing: 'that ended', replayed: 1, failed: [] },
    ]);
    const [runs] = await replaySampled(parts.client, { each: 10, workflowsPath: OTHER_RELEASE });
    expect(runs).toMatchObject({ replayed: 0 });
    expect(runs?.failed.map(({ workflowId }) => workflowId).sort()).toEqual(
      running.map(({ id }) => `deal-${id}`).sort(),
    );
    for (const { why } of runs?.failed ?? []) expect(why).toMatch(/nondeterminism/i);
  });
});
