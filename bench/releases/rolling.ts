import { setTimeout as wait } from 'node:timers/promises';
import type { Load } from './crowd.ts';
import type { Side } from './side.ts';

/** A release is made, taken back and made again, as docs/operators.md says, while people go on. */

export type Rolled = { what: string; at: number; given: number; ms: number };
export type Migrate = () => Promise<string>;

/** Each move begins when so much of all was given: the load is under way through all of them. */
export async function roll(
  { before, today }: Record<Side['name'], Side>,
  load: Load,
  { many, migrate, say }: { many: number; migrate: Migrate; say: (line: string) => void },
): Promise<Rolled[]> {
  const rolled: Rolled[] = [];
  const began = performance.now();
  const move = async (part: number, what: string, work: () => Promise<unknown>) => {
    while (load.given() < part * many) await wait(LOOK_MS);
    const [from, given] = [performance.now(), load.given()];
    const said = await work();
    const one = { what: typeof said === 'string' ? said : what, at: from - began, given, ms: performance.now() - from };
    rolled.push(one);
    say(`${(one.at / 1_000).toFixed(0)} s, ${given} given: ${one.what}, within ${(one.ms / 1_000).toFixed(1)} s`);
  };
  await move(0.05, 'migrated', migrate);
  await move(0.1, "today's API and worker came beside", () => Promise.all([today.startApi(), today.startWorker()]));
  await move(0.25, "today's was made current", () => today.use());
  await move(0.35, 'the release before ended', () => Promise.all([before.stopApi(), before.stopWorker()]));
  await move(0.5, 'the release before came back beside', () => Promise.all([before.startApi(), before.startWorker()]));
  await move(0.55, 'the release before was made current: rolled back', () => before.use());
  await move(0.65, "today's ended", () => Promise.all([today.stopApi(), today.stopWorker()]));
  await move(0.75, "today's came beside once more", () => Promise.all([today.startApi(), today.startWorker()]));
  await move(0.8, "today's was made current again", () => today.use());
  await move(0.9, 'the release before ended for good', () => Promise.all([before.stopApi(), before.stopWorker()]));
  return rolled;
}

const LOOK_MS = 20;
