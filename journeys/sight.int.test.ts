import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { verbatim } from '#db/invariants.ts';
import { sql } from '#db/pool.ts';
import { expectBooksInOrder, untilSettled } from './books.ts';
import { openParts, type Parts } from './parts.ts';
import { until } from './person.ts';
import { bringTo, newSides, ok, type Sides } from './play.ts';

/** What an operator sees of what does not go on. */

let place: Parts;
let sides: Sides;

beforeAll(async () => {
  place = await openParts({ patience: { ownTries: 2 } });
  sides = await newSides(place);
});
afterAll(async () => {
  await expectBooksInOrder(place);
  await place.close();
});

/** Has Postgres move no promised money. Answers how to let it again. */
async function closeTheBooks(): Promise<() => Promise<void>> {
  const run = async (text: string) => void (await place.pool.query(sql.typeAlias('void')(verbatim(text))));
  await run(`CREATE FUNCTION refuse_all() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN RAISE EXCEPTION ''the books are closed''; END'`);
  await run('CREATE TRIGGER refuse_all BEFORE UPDATE ON promises FOR EACH ROW EXECUTE FUNCTION refuse_all()');
  return () => run('DROP TRIGGER refuse_all ON promises');
}

const tasksOf = async (id: string) => {
  const rows = await place.pool.any(sql.type(z.object({ kind: z.string() }))`
    SELECT kind FROM tasks WHERE process_id = ${id} AND closed_at IS NULL
  `);
  return rows.map(({ kind }) => kind);
};
const triesOf = async (activity: string) =>
  (await place.metrics.activityFailures.get()).values.find(({ labels }) => labels.activity === activity)?.value ?? 0;
const oldest = async () => (await place.metrics.oldestPromise.get()).values[0]?.value ?? 0;

test('the oldest promise has an age while its money cannot be moved, tries are counted, an operator is called, and all of it ends', async () => {
  const { id, brand } = await bringTo(place, sides, 'work_submitted');
  const open = await closeTheBooks();
  await ok(brand.click(id, 'approve_work'));
  await until(oldest, (age) => age > 1);
  await until(
    () => triesOf('carryPromise'),
    (tries) => tries >= 3,
  );
  await until(
    () => tasksOf(id),
    (kinds) => kinds.includes('activity_fails'),
  );
  await until(
    () => place.workflowOf(id).describe(),
    ({ searchAttributes }) => searchAttributes.TandemAttention?.[0] === 'activity_fails',
  );
  await open();
  expect(await untilSettled(place, id, 60_000)).toEqual({ external: -500_000n, wallet: 450_000n, fee: 50_000n });
  await until(
    () => tasksOf(id),
    (kinds) => kinds.length === 0,
  );
  await until(oldest, (age) => age === 0);
});
