/**
 * A process whose activities are cut off, before they do anything or after all that they did and before that is known,
 * comes to the same end, seed by seed. It is what a workflow sees of a worker that dies; workers that are really killed
 * are in `crashes.int.test.ts` and in `bench/soak`.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { sql } from '#db/pool.ts';
import { findProcess } from '#db/process/processes.ts';
import { SEED } from '#local/testSeed.ts';
import { parseWorkflowId } from '#workflows/ids.ts';
import { drawOf } from '../chance.ts';
import { untilAtRest, untilTold } from '../known.ts';
import type { Parts } from '../parts.ts';
import { until } from '../person.ts';

export type CrashedKind = {
  kind: string;
  /** Brings a process to where it is waited for somebody, and answers its id; `within` is how long it then waits. */
  bring: (place: Parts, within?: string) => Promise<string>;
  /** What somebody does then. True where it was taken. Left out where only silence ends it. */
  give?: (place: Parts, id: string) => Promise<boolean>;
  /** The state at the end, given or in silence; left out where that way is not gone. */
  ends: { given?: string; silent?: string };
  /** The money is where it should be, and nothing is promised any more. */
  expectSettled: (place: Parts, id: string, how: How) => Promise<void>;
};

type How = 'given' | 'silent';
type Moment = 'begins' | 'done';
/** Where an activity is cut off, and how often. */
type Point = { name: string; moment: Moment };
type Crash = Point & { times: number };

/** `npm run reliability` crashes in so many plays at each point; `npm test` in four plays in all, at points by its seed. */
const SEEDS = Number(process.env.CRASH_SEEDS || 0);
const WITHOUT_SEEDS = 4;
/** Where it is written what was crashed, a line each: for who makes a table of it. */
const REPORT = process.env.CRASH_REPORT || null;
/** As long as a silence lasts here. */
const SILENCE = 'PT4S';
/** Played at once: more wait for the database of a test as much as for each other. */
const AT_ONCE = 6;
/** What a worker that comes back does over again may be given up first, and is tried again after pauses. */
const WITHIN_MS = 90_000;
/** Between bringing a process there and what is done then, at most: what a workflow is at meanwhile is chance. */
const PAUSE_MS = 300;

export function describeCrashes(crashed: CrashedKind, place: () => Parts): void {
  const { kind, ends } = crashed;
  for (const how of ['given', 'silent'] as const) {
    if (ends[how] === undefined || (how === 'given' && !crashed.give)) continue;
    test(`a ${kind} that is ${how === 'given' ? 'acted on' : 'left alone'} comes to the same end wherever its activities are cut off (SEED=${SEED})`, {
      timeout: 120_000 + SEEDS * 120_000,
    }, async () => {
      const points = await pointsOf(crashed, how, place());
      expect(points.length).toBeGreaterThan(0);
      const draw = drawOf(31 * SEED + kind.length + how.length);
      const met =
        SEEDS > 0
          ? points.flatMap((point) => Array.from({ length: SEEDS }, () => point))
          : Array.from({ length: WITHOUT_SEEDS }, () => points[draw(points.length)] as Point);
      const plays = met.map((point) => ({ ...point, times: 1 + draw(2), pauseMs: draw(PAUSE_MS) }));
      const outcomes: Outcome[] = [];
      for (let at = 0; at < plays.length; at += AT_ONCE) {
        outcomes.push(...(await playAll(crashed, how, place(), plays.slice(at, at + AT_ONCE))));
      }
      for (const outcome of outcomes)
        if (REPORT) appendFileSync(REPORT, `${JSON.stringify({ kind, how, ...outcome })}\n`);
      expect(outcomes.filter(({ trouble }) => trouble !== null)).toEqual([]);
      // Not every play comes to each point: some are only come to when a workflow is behind.
      expect(outcomes.filter(({ crashes }) => crashes > 0).length).toBeGreaterThan(0);
    });
  }
}

type Outcome = Crash & { crashes: number; trouble: string | null };

/** The activities that a process calls on its way to that end, found by playing one that nothing happens to. */
async function pointsOf(crashed: CrashedKind, how: How, place: Parts): Promise<Point[]> {
  const called = new Set<string>();
  let own: string | null = null;
  const seen: [string, string][] = [];
  place.faults.activity = (_, name, workflowId) => void seen.push([name, workflowId]);
  try {
    own = await play(crashed, how, place, 0, crashed.bring);
  } finally {
    place.faults.activity = undefined;
  }
  for (const [name, workflowId] of seen) if (parseWorkflowId(workflowId)?.id === own) called.add(name);
  return [...called].flatMap((name) => (['begins', 'done'] as const).map((moment) => ({ name, moment })));
}

/**
 * Plays as many at once, each with a crash of its own: whichever process of the kind is seen first has the first crash,
 * as a process may call an activity before whoever opened it knows its id.
 */
async function playAll(
  crashed: CrashedKind,
  how: How,
  place: Parts,
  plays: readonly (Crash & { pauseMs: number })[],
): Promise<Outcome[]> {
  const left = [...plays];
  const others = new Set(await listIds(place, crashed.kind));
  const byId = new Map<string, { crash: Crash; crashes: number }>();
  // One after the other, as some move their place's clock for it.
  let brought: Promise<unknown> = Promise.resolve();
  const bring: CrashedKind['bring'] = (...asked) => {
    const next = brought.then(() => crashed.bring(...asked));
    brought = next.catch(() => {});
    return next;
  };
  place.faults.activity = (moment, name, workflowId) => {
    const { kind, id } = parseWorkflowId(workflowId) ?? {};
    if (kind !== crashed.kind || id === undefined || others.has(id)) return;
    const next = byId.has(id) ? undefined : left.shift();
    if (next) byId.set(id, { crash: next, crashes: 0 });
    const known = byId.get(id);
    if (!known || known.crash.name !== name || known.crash.moment !== moment) return;
    if (known.crashes >= known.crash.times) return;
    known.crashes += 1;
    throw new Error(`cut off as ${name} ${moment}`);
  };
  try {
    const played = await Promise.all(
      plays.map(async ({ pauseMs }) => {
        try {
          return { id: await play(crashed, how, place, pauseMs, bring), trouble: null };
        } catch (error) {
          return { id: null, trouble: String((error as Error).message).slice(0, 500) };
        }
      }),
    );
    const known = played.flatMap(({ id, trouble }) => {
      const found = id === null ? undefined : byId.get(id);
      return found ? [{ ...found.crash, crashes: found.crashes, trouble }] : [];
    });
    const lost = played.filter(({ id }) => id === null);
    const unknown = lost.map(({ trouble }) => ({
      name: '?',
      moment: 'begins' as const,
      times: 0,
      crashes: 0,
      trouble,
    }));
    return [...known, ...unknown];
  } finally {
    place.faults.activity = undefined;
  }
}

/** Of all that there are already: they are other tests', and may not be at rest. */
async function listIds({ pool }: Parts, kind: string): Promise<readonly string[]> {
  const rows = await pool.any(sql.type(z.object({ id: z.string() }))`SELECT id FROM processes WHERE kind = ${kind}`);
  return rows.map(({ id }) => id);
}

/** One, to its end. Answers its id. */
async function play(
  crashed: CrashedKind,
  how: How,
  place: Parts,
  pauseMs: number,
  bring: CrashedKind['bring'],
): Promise<string> {
  const id = await bring(place, how === 'silent' ? SILENCE : undefined);
  await wait(pauseMs);
  if (how === 'given' && !(await crashed.give?.(place, id))) throw new Error('it was not taken');
  await until(
    async () => (await findProcess(place.pool, id))?.process.state,
    (state) => state === crashed.ends[how],
    WITHIN_MS,
  );
  await crashed.expectSettled(place, id, how);
  // What ends with a request may have ended before its workflow was begun.
  await untilTold(place, id);
  await untilAtRest(place, id, crashed.kind);
  return id;
}
