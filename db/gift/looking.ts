import { z } from 'zod';
import { Failure } from '#workflows/failures.ts';
import { COMMAND_ACTIONS, type Given, VELOCITY } from '#workflows/gift/giving.ts';
import { STATES, VISIBILITIES } from '#workflows/stream/terms.ts';
import { type Executor, sql } from '../pool.ts';
import { timedOut } from '../stream/chat.ts';
import { notForThem } from '../stream/streams.ts';
import { FROM_STREAMS, knownTo, noStream, watchableBy } from '../stream/watching.ts';
import { noGift } from './catalogue.ts';
import type { Giving } from './giving.ts';

const instant = z.string().transform((at) => new Date(at).toISOString());
const before = z.object({ code: z.string(), combo_id: z.string(), combo_count: z.int(), created_at: instant });
const lookedRow = z.object({
  handle: z.string(),
  token_cost: z.bigint().nullable(),
  command_action: z.enum(COMMAND_ACTIONS).nullable(),
  cooldown_seconds: z.int().nullable(),
  gifts: z.bigint(),
  tokens: z.bigint(),
  oldest: z.string().nullable(),
  last_id: z.string().nullable(),
  before: before.nullable(),
  silent_until: z.string().nullable(),
  status: z.enum(STATES).nullable(),
  creator_id: z.string().nullable(),
  visibility: z.enum(VISIBILITIES).nullable(),
  known: z.boolean().nullable(),
  may_watch: z.boolean().nullable(),
  has: z.bigint(),
  answered: z.boolean(),
});
/** What is known of what is asked for. `before` is their last gift in the stream, `last_id` the last anywhere. */
export type Looked = Omit<z.infer<typeof lookedRow>, 'before'> & { before: Given | null };

/**
 * Of each, in their order: the gift, the stream as its giver may see it, what they gave in the last minute, have, and may
 * say there, and whether what they ask for is answered already. Looked for by index, one by one: joined, a plan that was
 * made while there were few would look through all of them.
 */
export async function lookAt(executor: Executor, givings: readonly Giving[], now: string): Promise<readonly Looked[]> {
  const column = <Value extends string | boolean | null>(value: (giving: Giving) => Value, type: string) =>
    sql.array(givings.map(value), type);
  const reader = sql.fragment`asked.user_id`;
  return executor.any(sql.prepared('look_at_gifts', lookedRow)`
    SELECT coalesce((SELECT handle FROM users WHERE id = asked.user_id), '') AS handle, gift.token_cost,
      gift.command_action, gift.cooldown_seconds,
      lately.gifts, lately.tokens, lately.oldest, lately.last_id, lately.before, removal.until AS silent_until,
      stream.status, stream.creator_id, stream.visibility, stream.known, stream.may_watch,
      coalesce((SELECT balance FROM ledger_accounts WHERE code = 'wallet/' || asked.user_id AND asset = 'TOKEN'), 0) AS has,
      asked.key IS NOT NULL AND EXISTS (
        SELECT FROM answers WHERE account_id = asked.user_id AND path = asked.path AND key = asked.key
      ) AS answered
    FROM unnest(${column(({ from }) => from.id, 'uuid')}, ${column(({ from }) => from.isAdmin ?? false, 'bool')},
      ${column(({ stream }) => stream?.id ?? null, 'uuid')}, ${column(({ code }) => code, 'text')},
      ${column(({ message }) => message !== null, 'bool')}, ${column(({ once }) => once?.key.path ?? null, 'text')},
      ${column(({ once }) => once?.key.key ?? null, 'text')}
    ) WITH ORDINALITY AS asked (user_id, is_admin, stream_id, code, speaks, path, key, place)
    LEFT JOIN gifts AS gift ON gift.code = asked.code AND gift.enabled
    LEFT JOIN LATERAL (
      SELECT status, creator_id, visibility, (asked.is_admin OR ${knownTo(reader)}) AS known,
        (asked.is_admin OR ${watchableBy(reader)}) AS may_watch
      FROM ${FROM_STREAMS} WHERE process_id = asked.stream_id
    ) AS stream ON true
    LEFT JOIN stream_removals AS removal ON asked.speaks AND removal.stream_id = asked.stream_id
      AND removal.user_id = asked.user_id AND removal.until > ${now}::timestamptz
    CROSS JOIN LATERAL (
      SELECT count(*) AS gifts, coalesce(sum(tokens), 0)::bigint AS tokens, min(created_at) AS oldest,
        (array_agg(id ORDER BY created_at DESC, id DESC))[1] AS last_id,
        (array_agg(json_build_object('code', code, 'combo_id', combo_id, 'combo_count', combo_count, 'created_at',
          created_at) ORDER BY created_at DESC, id DESC) FILTER (WHERE stream_id = asked.stream_id))[1]
          AS before
      FROM gift_events WHERE from_user_id = asked.user_id AND created_at > ${now}::timestamptz - interval '1 minute'
    ) AS lately
    ORDER BY asked.place
  `);
}

/** Why a gift is not given; null where it is. */
export function refusalOf({ stream, from, quantity }: Giving, found: Looked, now: string): Failure | null {
  if (stream) {
    if (!found.known || !found.visibility) return noStream();
    if (!found.may_watch) return notForThem(found.visibility);
    if (found.creator_id === from.id) return new Failure('FORBIDDEN', 'Nobody gives to themselves.');
    if (found.status !== 'live') {
      return new Failure('FLOW_STATE_INVALID', 'Gifts are given while the stream is live.', {
        details: { current_state: found.status, required_state: 'live', required_states: ['live'] },
      });
    }
    // With words it is heard in the stream like a message.
    if (found.silent_until) return timedOut(found.silent_until, now);
  }
  if (!found.token_cost) return noGift();
  const tokens = found.token_cost * BigInt(quantity);
  const hurried = hurriedBy(found, tokens, now);
  if (hurried) return hurried;
  // The ledger has the last word; who has not even this much need not be asked about there.
  return found.has < tokens ? new Failure('INSUFFICIENT_FUNDS', 'The account does not hold this amount.') : null;
}

function hurriedBy({ gifts, tokens: before, oldest }: Looked, tokens: bigint, now: string): Failure | null {
  const isTooMany = gifts >= BigInt(VELOCITY.gifts);
  if (!isTooMany && before + tokens <= VELOCITY.tokens) return null;
  const retryAfter = Math.max(1, Math.ceil((Date.parse(oldest ?? now) + 60_000 - Date.parse(now)) / 1_000));
  const [limit, allowed] = isTooMany ? ['gifts', VELOCITY.gifts] : ['tokens', Number(VELOCITY.tokens)];
  return new Failure('RATE_LIMITED', `At most ${allowed} ${limit} a minute are given.`, {
    retryAfter,
    details: { limit, allowed, per_seconds: 60, retry_after: retryAfter },
  });
}
