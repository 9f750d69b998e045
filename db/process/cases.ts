import { z } from 'zod';
import type { Process } from '#workflows/process/machine.ts';
import { aboutOf, foundByAbout } from '../abouts.ts';
import { type Executor, sql } from '../pool.ts';
import { type Search, startingWith } from './about.ts';
import { PROCESS, processOf, processRow } from './processes.ts';

export const VIEWS = ['needs_me', 'waiting', 'at_risk', 'done'] as const;
export type View = (typeof VIEWS)[number];
export const ORDERS = ['newest', 'oldest'] as const;
export type CaseOrder = (typeof ORDERS)[number];

export type CaseFilter = {
  /** Who looks. */
  userId: string;
  /** Whether all are shown, or those that they take part in. */
  all: boolean;
  kinds: readonly string[];
  view: View | null;
  /** States with the party that each waits for. */
  turns: readonly { kind: string; state: string; role: string }[];
  /** What ends by itself before this is at risk. */
  riskUntil: string;
  search: Search | null;
  order: CaseOrder;
  limit: number;
  /** The last of the page before. */
  after: string | null;
};

const party = z.object({ role: z.string(), user_id: z.string(), handle: z.string() });
export type CaseParty = z.infer<typeof party>;

const PARTIES = sql.fragment`(
  SELECT coalesce(json_agg(json_build_object('role', seats.role, 'user_id', users.id, 'handle', users.handle)
    ORDER BY seats.role), '[]')
  FROM seats JOIN users ON users.id = seats.user_id WHERE seats.process_id = processes.id
)`;

/** Whether it waits for an operator, by an index. */
const HAS_TASK = sql.fragment`EXISTS (
  SELECT FROM tasks WHERE tasks.process_id = processes.id AND closed_at IS NULL
)`;

const row = processRow.extend({
  role: z.string().nullable(),
  opened_at: z.string(),
  has_task: z.boolean(),
  parties: z.array(party),
});

export type Case = {
  process: Process;
  /** Of whoever looks; null where they take no part. */
  role: string | null;
  openedAt: string;
  /** Whether it waits for an operator. */
  hasTask: boolean;
  parties: readonly CaseParty[];
};

function caseOfRow(found: z.infer<typeof row>): Case {
  const { role, opened_at: openedAt, has_task: hasTask, parties } = found;
  return { process: processOf(found), role, openedAt, hasTask, parties };
}

/** Processes of all kinds by their age: by their ids, which say when they were opened. */
export async function listCases(executor: Executor, filter: CaseFilter): Promise<readonly Case[]> {
  const from = filter.all
    ? sql.fragment`processes LEFT JOIN seats AS mine ON mine.process_id = processes.id AND mine.user_id = ${filter.userId}`
    : sql.fragment`seats AS mine JOIN processes ON processes.id = mine.process_id AND mine.user_id = ${filter.userId}`;
  const { after } = filter;
  const [beyond, way] =
    filter.order === 'newest'
      ? [sql.fragment`processes.id < ${after}::uuid`, sql.fragment`DESC`]
      : [sql.fragment`processes.id > ${after}::uuid`, sql.fragment`ASC`];
  const rows = await executor.any(sql.type(row)`
    SELECT ${PROCESS}, mine.role, opened_at, ${HAS_TASK} AS has_task, ${PARTIES} AS parties
    FROM ${from} JOIN machine_states USING (kind, state)
    WHERE processes.kind = ANY(${sql.array([...filter.kinds], 'text')})
      AND (${after}::uuid IS NULL OR ${beyond})
      AND ${inView(filter)} AND ${isFound(filter.search)}
    ORDER BY processes.id ${way} LIMIT ${filter.limit}
  `);
  return rows.map(caseOfRow);
}

type Turns = CaseFilter['turns'];

const textsOf = (turns: Turns, name: keyof Turns[number]) =>
  sql.array(
    turns.map((turn) => turn[name]),
    'text',
  );

/**
 * What has an open task or a seat of theirs: as an array, so that these few are found by their ids. Asked as a subquery,
 * all there are would be walked through, the newest first, until a page is full.
 */
function mayNeed({ all, userId }: CaseFilter) {
  if (!all) return sql.fragment`true`;
  return sql.fragment`processes.id = ANY(ARRAY(
    SELECT process_id FROM tasks WHERE closed_at IS NULL AND process_id IS NOT NULL
    UNION SELECT process_id FROM seats WHERE user_id = ${userId}
  ))`;
}

function inView(filter: CaseFilter) {
  const { view, turns, riskUntil } = filter;
  const needsMe = sql.fragment`CASE WHEN mine.role IS NULL THEN ${HAS_TASK}
    ELSE (processes.kind, state, mine.role) IN (
      SELECT * FROM unnest(${textsOf(turns, 'kind')}, ${textsOf(turns, 'state')}, ${textsOf(turns, 'role')}))
    END`;
  switch (view) {
    case null:
      return sql.fragment`true`;
    case 'done':
      return sql.fragment`ends`;
    case 'needs_me':
      return sql.fragment`(NOT ends AND ${mayNeed(filter)} AND ${needsMe})`;
    case 'waiting':
      return sql.fragment`(NOT ends AND NOT ${needsMe})`;
    case 'at_risk':
      return sql.fragment`(NOT ends AND (deadline <= ${riskUntil}::timestamptz OR ${HAS_TASK}))`;
  }
}

/** Looked up by indexes, and not by reading every process: an id of whatever belongs to it, or how a handle begins. */
function isFound(search: Search | null) {
  if (search === null) return sql.fragment`true`;
  const { text, id } = search;
  return sql.fragment`processes.id IN (
    SELECT ${id}::uuid
    UNION SELECT process_id FROM seats WHERE user_id = ${id}::uuid OR user_id IN (
      SELECT id FROM users WHERE lower(handle) LIKE ${startingWith(text.toLowerCase())}
    )
    UNION SELECT process_id FROM payment_orders WHERE id = ${id}::uuid OR provider_order_id = ${text}
    UNION SELECT process_id FROM captures WHERE id = ${id}::uuid OR payment_id = ${text}
    UNION ${foundByAbout(search)}
  )`;
}

/** One of them, whoever looks; null where there is none. */
export async function findCase(executor: Executor, id: string, userId: string): Promise<Case | null> {
  const found = await executor.maybeOne(sql.type(row)`
    SELECT ${PROCESS}, mine.role, opened_at, ${HAS_TASK} AS has_task, ${PARTIES} AS parties
    FROM processes LEFT JOIN seats AS mine ON mine.process_id = processes.id AND mine.user_id = ${userId}
    WHERE processes.id = ${id}
  `);
  return found && caseOfRow(found);
}

/** What each is about, by its id. */
export async function readAbouts(executor: Executor, cases: readonly Pick<Case, 'process'>[]) {
  const byKind = Map.groupBy(cases, ({ process }) => process.kind);
  const read = await Promise.all(
    [...byKind].map(([kind, found]) =>
      aboutOf(kind).read(
        executor,
        found.map(({ process }) => process.id),
      ),
    ),
  );
  return new Map(read.flatMap((abouts) => [...abouts]));
}
