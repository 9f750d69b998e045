import type { z } from 'zod';
import { traceparent } from '#program/trace.ts';
import type { BATTLE_EVENTS } from '#workflows/battle/contract.ts';
import type { CREDIT_AND_BOOST_EVENTS } from '#workflows/boost/contract.ts';
import type { CHALLENGE_EVENTS } from '#workflows/challenge/contract.ts';
import type { CHARGE_BACK_EVENTS } from '#workflows/chargeBack/contract.ts';
import type { CREATOR_EVENTS } from '#workflows/creator/contract.ts';
import type { DEAL_EVENTS } from '#workflows/deal/contract.ts';
import type { GIFT_EVENTS } from '#workflows/gift/contract.ts';
import type { WALLET_EVENTS } from '#workflows/money/contract.ts';
import type { NOTIFICATION_EVENTS } from '#workflows/notification/contract.ts';
import type { PAYOUT_EVENTS } from '#workflows/payout/contract.ts';
import type { POLL_EVENTS } from '#workflows/poll/contract.ts';
import type { REWARD_EVENTS } from '#workflows/reward/contract.ts';
import type { SUBSCRIPTION_EVENTS } from '#workflows/subscription/contract.ts';
import type { TALK_EVENTS } from '#workflows/talk/contract.ts';
import type { TICKET_EVENTS } from '#workflows/ticketEvent/contract.ts';
import type { TOP_UP_EVENTS } from '#workflows/topUp/contract.ts';
import type { TRADE_EVENTS } from '#workflows/trade/contract.ts';
import type { TRADING_EVENTS } from '#workflows/trading/contract.ts';
import type { XP_EVENTS } from '#workflows/xp/contract.ts';
import { noteHeard } from '../heard.ts';
import { sql, type Transaction } from '../pool.ts';

/** One thing one user is to hear of. `data` is the event's own, as its schema says. */
export type Announcement =
  | OneOf<typeof DEAL_EVENTS>
  | OneOf<typeof TRADE_EVENTS>
  | OneOf<typeof TRADING_EVENTS>
  | OneOf<typeof PAYOUT_EVENTS>
  | OneOf<typeof TOP_UP_EVENTS>
  | OneOf<typeof CHARGE_BACK_EVENTS>
  | OneOf<typeof NOTIFICATION_EVENTS>
  | OneOf<typeof WALLET_EVENTS>
  | OneOf<typeof CREDIT_AND_BOOST_EVENTS>
  | OneOf<typeof CREATOR_EVENTS>
  | OneOf<typeof REWARD_EVENTS>
  | OneOf<typeof GIFT_EVENTS>
  | OneOf<typeof POLL_EVENTS>
  | OneOf<typeof XP_EVENTS>
  | OneOf<typeof SUBSCRIPTION_EVENTS>
  | OneOf<typeof TICKET_EVENTS>
  | OneOf<typeof BATTLE_EVENTS>
  | OneOf<typeof CHALLENGE_EVENTS>
  | OneOf<typeof TALK_EVENTS>;

/** One of a domain's durable events, for one user. */
type OneOf<Events extends Record<string, z.ZodType>> = {
  [Name in keyof Events & string]: { user_id: string; name: Name; data: z.infer<Events[Name]> };
}[keyof Events & string];

/**
 * Writes events that are about no step to the outbox, in their order, numbering them per user. To be called last in a
 * transaction: it locks the users' counters until the commit. After that whoever listens to the pool rings for them.
 */
export async function announce(transaction: Transaction, events: readonly Announcement[]): Promise<void> {
  if (events.length === 0) return;
  const announced = byUser(events);
  noteHeard(
    transaction,
    announced.map(({ userId }) => userId),
  );
  // One after the other, in the order of the arrays.
  await transaction.query(sql.typeAlias('void')`
    SELECT FROM unnest(
      ${sql.array(
        announced.map(({ userId }) => userId),
        'uuid',
      )},
      ${sql.array(
        announced.map(({ many }) => many),
        'int4',
      )},
      ${sql.array(
        announced.map(({ text }) => text),
        'text',
      )}
    ) AS announced (user_id, many, events), announce(user_id, many, events, NULL, NULL, ${traceparent()})
  `);
}

/** What one user is to hear of, as the SQL function takes it: `many` events as a JSON array. */
export type Announced = { userId: string; many: number; text: string };

/** Events by their users, in the order of the users' ids, which is the order of locks. */
function byUser(events: readonly Announcement[]): Announced[] {
  const users = Map.groupBy(events, (event) => event.user_id);
  return inOrder(
    [...users].map(([userId, theirs]) =>
      announced(
        userId,
        theirs.map(({ name, data }) => ({ name, data })),
      ),
    ),
  );
}

export function announced(userId: string, events: readonly object[]): Announced {
  return { userId, many: events.length, text: JSON.stringify(events) };
}

/** In the order in which users' counters are locked. */
export function inOrder<Of extends { userId: string }>(those: Of[]): Of[] {
  return those.sort((one, other) => (one.userId < other.userId ? -1 : 1));
}
