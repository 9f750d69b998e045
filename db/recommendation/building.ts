import { v7 as uuid } from 'uuid';
import type { Learned } from '#workflows/recommendation/contract.ts';
import { evaluate, type Report, verdict } from '#workflows/recommendation/evaluation.ts';
import { learn } from '#workflows/recommendation/learning.ts';
import type { Blend } from '#workflows/recommendation/model.ts';
import type { Pool } from '../pool.ts';
import { BOUNDS, type Bounds, gather } from './gathering.ts';
import { inSlices } from './slices.ts';
import { pruneVersions, publish } from './versions.ts';

export type Outcome = { versionId: string; blend: Blend; items: number; people: number; deeds: number; report: Report };

/**
 * Builds a model of one kind of things and publishes it. What it is served by is found out first: of lists that would have
 * been no better than the popular, on what was done after the last fifth began, none is served. Whatever dies, what was
 * published before is served on.
 */
export async function buildModel(
  pool: Pool,
  kind: Learned,
  { now, bounds = BOUNDS }: { now: string; bounds?: Bounds },
): Promise<Outcome> {
  const dataset = await gather(pool, kind, bounds);
  const report = await inSlices(evaluate(dataset, { contenders: ['popular', 'content', 'blended'] }));
  const blend = verdict(report);
  const model = await inSlices(learn(dataset, { until: Date.parse(now), blend }));
  const built = { id: uuid(), kind, now, people: dataset.people, deeds: dataset.deeds.size };
  await publish(pool, model, { ...built, report: { ...report, bounded: dataset.bounded } });
  await pruneVersions(pool, kind, now);
  return { versionId: built.id, blend, items: model.items.length, people: built.people, deeds: built.deeds, report };
}
