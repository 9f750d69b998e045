/** Announcements to a role or to everybody: what was asked for, how far it is, and telling its next page. */
import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import {
  BROADCAST_STATES,
  type BroadcastTerms,
  broadcastMachine,
  PAGE_SIZE,
} from '#workflows/notification/broadcast.ts';
import { AUDIENCES, type Audience, type BroadcastView } from '#workflows/notification/contract.ts';
import { KIND_NAMES, type Kind } from '#workflows/notification/kinds.ts';
import { decide, evolve, type Process } from '#workflows/process/machine.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { notify } from './notify.ts';

const broadcastRow = z.object({
  id: z.string(),
  state: z.enum(BROADCAST_STATES),
  version: z.int(),
  entry: z.int(),
  entered_at: z.string(),
  stepped_at: z.string(),
  terms: z.custom<BroadcastTerms>(),
  audience: z.enum(AUDIENCES),
  kind: z.enum(KIND_NAMES),
  title: z.string(),
  body: z.string(),
  data: z.record(z.string(), z.unknown()),
  push: z.boolean(),
  created_at: z.string(),
});
export type BroadcastRow = z.infer<typeof broadcastRow>;

const BROADCAST = sql.fragment`
  id, state, version, entry, entered_at, stepped_at, terms, audience, kind, title, body, data, push, created_at
`;

export type NewBroadcast = {
  id: string;
  byId: string;
  audience: Audience;
  kind: Kind;
  title: string;
  body: string;
  data: Record<string, unknown>;
  push: boolean;
  now: string;
};

/** Accounts of an audience; the system's own is nobody's. */
const inAudience = (audience: Audience) =>
  sql.fragment`(${audience} = 'all' OR ${audience} = ANY(roles)) AND cardinality(roles) > 0`;

export async function insertBroadcast(transaction: Transaction, asked: NewBroadcast): Promise<BroadcastRow> {
  const total = await transaction.oneFirst(sql.type(z.object({ total: z.int() }))`
    SELECT count(*)::integer AS total FROM users WHERE ${inAudience(asked.audience)}
  `);
  const { id, now: at } = asked;
  const opened = broadcastMachine.opening({ id, variant: null, opened: { total }, held: '0', asset: 'TOKEN', at });
  return transaction.one(sql.type(broadcastRow)`
    INSERT INTO broadcasts (id, state, version, entry, entered_at, stepped_at, terms, by_id, audience, kind, title, body,
      data, push, created_at)
    VALUES (${id}, ${opened.state}, ${opened.version}, ${opened.entry}, ${opened.entered_at}, ${opened.stepped_at},
      ${JSON.stringify(opened.terms)}, ${asked.byId}, ${asked.audience}, ${asked.kind}, ${asked.title}, ${asked.body},
      ${JSON.stringify(asked.data)}, ${asked.push}, ${at})
    RETURNING ${BROADCAST}
  `);
}

export function findBroadcast(executor: Executor, id: string): Promise<BroadcastRow | null> {
  return executor.maybeOne(sql.type(broadcastRow)`SELECT ${BROADCAST} FROM broadcasts WHERE id = ${id}`);
}

/** Newest first. */
export function listBroadcasts(
  executor: Executor,
  limit: number,
  before: { createdAt: string; id: string } | null,
): Promise<readonly BroadcastRow[]> {
  return executor.any(sql.type(broadcastRow)`
    SELECT ${BROADCAST} FROM broadcasts
    WHERE ${before?.id ?? null}::uuid IS NULL
      OR (created_at, id) < (${before?.createdAt ?? null}::timestamptz, ${before?.id ?? null}::uuid)
    ORDER BY created_at DESC, id DESC LIMIT ${limit}
  `);
}

/** Those under way whose workflow was not told of lately: the relay starts it, which does nothing where it runs. */
export function listOpenBroadcasts(executor: Executor, now: string, limit: number): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    UPDATE broadcasts SET told_at = ${now}
    WHERE id IN (
      SELECT id FROM broadcasts
      WHERE state = 'sending' AND (told_at IS NULL OR told_at < ${now}::timestamptz - interval '30 seconds')
      ORDER BY created_at LIMIT ${limit}
    )
    RETURNING id
  `);
}

export type ToldPage = { row: BroadcastRow; userIds: readonly string[] };

/**
 * Tells the next page, in one transaction with the step that says so: who was told is told once, whatever is repeated.
 * `pages` is how many its caller knows of: where there are more, or it is over, nothing is told and it is answered as it
 * stands; -1 where it knows of none. NOT_FOUND.
 */
export function tellNextPage(
  pool: Pool,
  { broadcastId, pages, now }: { broadcastId: string; pages: number; now: string },
): Promise<ToldPage> {
  return pool.transaction(async (transaction) => {
    const row = await lockBroadcast(transaction, broadcastId);
    if (row.state !== 'sending' || (pages >= 0 && row.terms.pages !== pages)) return { row, userIds: [] };
    const userIds = await listAudience(transaction, row);
    const last = userIds.at(-1);
    if (last === undefined) return { row: await step(transaction, row, 'finish', 'system', {}, now), userIds: [] };
    const page = await step(transaction, row, 'tell_page', 'system', { after: last, told: userIds.length }, now);
    const { kind, title, body, data, push } = row;
    await notify(
      transaction,
      userIds.map((userId) => ({
        userId,
        kind,
        key: `broadcast_${row.id}`,
        actorId: null,
        target: null,
        ...{ title, body, data, push },
      })),
      { now },
    );
    return { row: page, userIds };
  });
}

/** FLOW_STATE_INVALID where it is over. */
export function stopBroadcast(pool: Pool, id: string, now: string): Promise<BroadcastRow> {
  return pool.transaction(async (transaction) =>
    step(transaction, await lockBroadcast(transaction, id), 'stop', 'admin', {}, now),
  );
}

async function lockBroadcast(transaction: Transaction, id: string): Promise<BroadcastRow> {
  const row = await transaction.maybeOne(sql.type(broadcastRow)`
    SELECT ${BROADCAST} FROM broadcasts WHERE id = ${id} FOR NO KEY UPDATE
  `);
  if (!row) throw new Failure('NOT_FOUND', 'There is no such announcement.');
  return row;
}

function listAudience(executor: Executor, { audience, terms, created_at }: BroadcastRow): Promise<readonly string[]> {
  return executor.anyFirst(sql.typeAlias('id')`
    SELECT id FROM users
    WHERE ${inAudience(audience)} AND (${terms.after}::uuid IS NULL OR id > ${terms.after}::uuid)
      AND created_at <= ${created_at}
    ORDER BY id LIMIT ${PAGE_SIZE}
  `);
}

async function step(
  transaction: Transaction,
  row: BroadcastRow,
  on: string,
  by: string,
  data: Record<string, unknown>,
  now: string,
): Promise<BroadcastRow> {
  const before = processOf(row);
  const decided = decide(broadcastMachine, before, { on, by, actor: null, data }, { now, feeBps: 0 });
  if ('refusal' in decided) {
    const { code, message, details } = decided.refusal;
    throw new Failure(code, message, { details });
  }
  if (!('step' in decided)) return row;
  const after = evolve(broadcastMachine, before, decided.step);
  return transaction.one(sql.type(broadcastRow)`
    UPDATE broadcasts
    SET state = ${after.state}, version = ${after.version}, entry = ${after.entry}, entered_at = ${after.entered_at},
      stepped_at = ${after.stepped_at}, terms = ${JSON.stringify(after.terms)}
    WHERE id = ${row.id}
    RETURNING ${BROADCAST}
  `);
}

function processOf({
  id,
  state,
  version,
  entry,
  entered_at,
  stepped_at,
  terms,
}: BroadcastRow): Process<BroadcastTerms> {
  const fixed = { kind: 'broadcast', variant: null, held: '0', asset: 'TOKEN' } as const;
  return { id, state, version, entry, entered_at, stepped_at, terms, ...fixed };
}

export function viewBroadcast(row: BroadcastRow): BroadcastView {
  const { id, state, audience, title, terms, created_at, stepped_at } = row;
  return {
    id,
    state,
    audience,
    title,
    told: terms.told,
    total: terms.total,
    started_at: created_at,
    ended_at: state === 'sending' ? null : stepped_at,
  };
}
