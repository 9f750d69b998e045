import { z } from 'zod';
import { ACTION_NAMES } from '#workflows/reward/actions.ts';
import { type Act, dayOf, judge, type Rule, ruleAt, type Verdict } from '#workflows/reward/judge.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { lockBudget } from './budget.ts';
import { keepVerdicts } from './keeping.ts';
import { type Posting, post } from './posting.ts';
import { listRules } from './rules.ts';
import { standingOf } from './standing.ts';

/**
 * Judging what was done and posting what it earned. Acts are taken away, and what became of each is written, in the one
 * transaction that moves the points and tells of them: whatever is killed, an act is either still there or is done.
 */

/** What others did with somebody's things is posted to them at most so often. */
const GATHER_MS = 10_000;
/** People of one transaction, and acts. */
const PEOPLE = 64;
const ACTS = 20_000;

const actRow = z.object({
  id: z.bigint(),
  user_id: z.string(),
  action: z.enum(ACTION_NAMES),
  actor_id: z.string(),
  creator_id: z.string(),
  target: z.string(),
  following: z.int(),
  followers: z.int(),
  at: z.string(),
});

export type CollectOptions = {
  /** ISO, of our clock. */
  now: string;
  /** How long what others do is gathered; else `GATHER_MS`. */
  gatherMs?: number;
};

/**
 * So many acts were judged. `last`: whose acts were looked at last; null after the last of all. `done`: with whose things
 * others did something.
 */
export type Collected = { acts: number; last: string | null; done: readonly string[] };

/** Judges the acts of the next people after one, in the order of their ids. Whom somebody else is at, it passes over. */
export async function collectNext(
  pool: Pool,
  after: string | null,
  { now, gatherMs = GATHER_MS }: CollectOptions,
): Promise<Collected> {
  return pool.transaction(async (transaction) => {
    const due = await listDue(transaction, after, new Date(Date.parse(now) - gatherMs).toISOString());
    const locked = await lockPeople(transaction, due, sql.fragment`SKIP LOCKED`);
    const acts = await collect(
      transaction,
      due.filter(({ user_id }) => locked.has(user_id)),
      now,
    );
    const done = [...new Set(acts.filter(({ act }) => act.actorId !== act.userId).map(({ act }) => act.userId))];
    return { acts: acts.length, done, last: due.length < PEOPLE ? null : (due.at(-1)?.user_id ?? null) };
  });
}

/** Judges everything that waits, in as many transactions as that takes. So many acts. */
export async function collectAll(pool: Pool, options: CollectOptions): Promise<number> {
  let all = 0;
  for (let last: string | null = null, more = true; more; ) {
    const collected: Collected = await collectNext(pool, last, options);
    all += collected.acts;
    last = collected.last;
    more = last !== null || collected.acts > 0;
  }
  return all;
}

/** Judges somebody's own acts at once, in the transaction that did the last of them. What became of them. */
export async function collectOwn(transaction: Transaction, userId: string, now: string): Promise<readonly Verdict[]> {
  const due = [{ user_id: userId, gathered: false }];
  await lockPeople(transaction, due, sql.fragment``);
  return collect(transaction, due, now);
}

const dueRow = z.object({ user_id: z.string(), gathered: z.boolean() });
/** Whose acts are to be judged, and whether those that are gathered as well. */
type Due = z.infer<typeof dueRow>;

/** People who have acts, found by steps from one to the next: a popular one's thousands are one step. */
function listDue(executor: Executor, after: string | null, gatheredBefore: string): Promise<readonly Due[]> {
  return executor.any(sql.type(dueRow)`
    WITH RECURSIVE person (user_id) AS (
      (SELECT user_id FROM reward_acts WHERE ${after}::uuid IS NULL OR user_id > ${after}::uuid ORDER BY user_id LIMIT 1)
      UNION ALL
      SELECT next.user_id FROM person CROSS JOIN LATERAL (
        SELECT user_id FROM reward_acts WHERE user_id > person.user_id ORDER BY user_id LIMIT 1
      ) AS next
    )
    SELECT person.user_id, coalesce(collected_at, '2000-01-01') <= ${gatheredBefore} AS gathered
    FROM person LEFT JOIN reward_people USING (user_id)
    WHERE coalesce(collected_at, '2000-01-01') <= ${gatheredBefore}
      OR EXISTS (SELECT FROM reward_acts WHERE reward_acts.user_id = person.user_id AND NOT reward_acts.gathered)
    LIMIT ${PEOPLE}
  `);
}

/** Those whose rows could be locked, made where they are not there. */
async function lockPeople(
  transaction: Transaction,
  due: readonly Due[],
  wait: ReturnType<typeof sql.fragment>,
): Promise<ReadonlySet<string>> {
  const ids = sql.array(
    due.map(({ user_id }) => user_id),
    'uuid',
  );
  await transaction.query(sql.typeAlias('void')`
    INSERT INTO reward_people (user_id)
    SELECT id FROM unnest(${ids}) AS id WHERE NOT EXISTS (SELECT FROM reward_people WHERE user_id = id) ORDER BY id
    ON CONFLICT DO NOTHING
  `);
  const locked = await transaction.anyFirst(sql.typeAlias('id')`
    SELECT user_id AS id FROM reward_people WHERE user_id = ANY(${ids}) ORDER BY user_id FOR NO KEY UPDATE ${wait}
  `);
  return new Set(locked);
}

async function collect(transaction: Transaction, due: readonly Due[], now: string): Promise<readonly Verdict[]> {
  if (due.length === 0) return [];
  const { acts, rest } = await takeActs(transaction, due);
  if (acts.length === 0) return [];
  const day = dayOf(now);
  // First of all accounts, by the order of their names: nobody else mints, or changes a rule, before this is over.
  const left = await lockBudget(transaction, day, now);
  const rules = await listRules(transaction);
  const known = new Map<bigint, Rule>(acts.map((act) => [act.id, ruleAt(rules, act.action, act.at)]));
  const ruleOf = (act: Act) => known.get(act.id) as Rule;
  const standing = { ...(await standingOf(transaction, acts, ruleOf)), left };
  const verdicts = acts.map((act) => judge(act, ruleOf(act), standing));
  const postings = postingsOf(verdicts);
  await keepVerdicts(transaction, verdicts, { now, postings });
  await noteCollected(transaction, due, { now, rest });
  await post(transaction, postings, { verdicts, day, now });
  return verdicts;
}

/** What is granted, by person: one transfer each, named for the first act in it. */
function postingsOf(verdicts: readonly Verdict[]): Posting[] {
  const granted = verdicts.filter(({ refused }) => refused === null);
  return [...Map.groupBy(granted, ({ act }) => act.userId)].map(([userId, theirs]) => ({
    userId,
    key: `reward_${userId}_${theirs[0]?.act.id}`,
    verdicts: theirs,
    points: theirs.reduce((sum, { rule }) => sum + rule.points, 0n),
  }));
}

/** Takes acts away, oldest first; `rest`: whose there are too many of for once. */
async function takeActs(
  transaction: Transaction,
  due: readonly Due[],
): Promise<{ acts: Act[]; rest: ReadonlySet<string> }> {
  const rows = await transaction.any(sql.type(actRow)`
    DELETE FROM reward_acts WHERE ctid = ANY(ARRAY(
      SELECT act.ctid
      FROM json_to_recordset(${JSON.stringify(due)}::json) AS due (user_id uuid, gathered boolean)
      JOIN reward_acts AS act ON act.user_id = due.user_id AND (due.gathered OR NOT act.gathered)
      ORDER BY act.user_id, act.gathered, act.id LIMIT ${ACTS}
    ))
    RETURNING id, user_id, action, actor_id, creator_id, target, following, followers, at
  `);
  const acts = rows
    .map(({ user_id, actor_id, creator_id, ...row }) => ({
      ...row,
      userId: user_id,
      actorId: actor_id,
      creatorId: creator_id,
    }))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
  const cut =
    rows.length === ACTS
      ? [
          acts
            .map(({ userId }) => userId)
            .sort()
            .at(-1) ?? '',
        ]
      : [];
  return { acts, rest: new Set(cut) };
}

/** What others do with their things is gathered from now on. */
async function noteCollected(
  transaction: Transaction,
  due: readonly Due[],
  { now, rest }: { now: string; rest: ReadonlySet<string> },
): Promise<void> {
  const gathered = due.filter(({ user_id, gathered }) => gathered && !rest.has(user_id)).map(({ user_id }) => user_id);
  await transaction.query(sql.typeAlias('void')`
    UPDATE reward_people SET collected_at = ${now} WHERE user_id = ANY(${sql.array(gathered, 'uuid')})
  `);
}
