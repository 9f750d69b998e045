import { v7 as uuid } from 'uuid';
import type { CREDIT_EVENTS, CreditOrBoostEvent } from '#workflows/boost/contract.ts';
import type { Target } from '#workflows/boost/terms.ts';
import { Failure } from '#workflows/failures.ts';
import { type Announcement, announce } from '../event/announce.ts';
import { publish } from '../event/publications.ts';
import { type Account, accounts, transfer } from '../money/ledger.ts';
import { sql, type Transaction } from '../pool.ts';
import { findOwner } from './targets.ts';

/** What is done with credits beside boosts: one transaction each, with the ledger, the event's row and who hears of it. */

type CreditEvent = Extract<CreditOrBoostEvent, { type: keyof typeof CREDIT_EVENTS }>;

const CREDIT_EVENTS_OF = {
  profile: sql.identifier(['user_credit_events']),
  gig: sql.identifier(['gig_credit_events']),
  clan: sql.identifier(['clan_credit_events']),
} as const;

type Move = {
  /** Derived from what it is about: the same key moves once. */
  key: string;
  from: Account;
  to: Account;
  amount: bigint;
  now: string;
};

/** INSUFFICIENT_FUNDS, CONFLICT. */
async function move(transaction: Transaction, reason: string, { key, from, to, amount, now }: Move): Promise<void> {
  await transfer(transaction, {
    key,
    reason,
    conversationId: null,
    occurredAt: now,
    legs: [
      { account: from, amount: -amount },
      { account: to, amount },
    ],
  });
}

/** Keeps an event with whom it concerns, and has it told. Last in its transaction. */
async function tell(
  transaction: Transaction,
  told: readonly { event: CreditEvent; subjects: readonly (readonly [Target, string])[]; hearers: readonly string[] }[],
): Promise<void> {
  for (const { event, subjects } of told) {
    for (const [target, subjectId] of subjects) {
      await transaction.query(sql.typeAlias('void')`
        INSERT INTO ${CREDIT_EVENTS_OF[target]} (event_id, subject_id, user_id, type, amount, event, occurred_at)
        VALUES (${event.eventId}, ${subjectId}, ${event.userId}, ${event.type}, ${event.amount},
          ${sql.jsonb(event as never)}, ${event.timestamp}::timestamptz)
      `);
    }
  }
  await publish(
    transaction,
    told.map(({ event, subjects }) => {
      const [target, id] = subjects[0] as readonly [Target, string];
      return { routingKey: 'credit.event', about: `${target}/${id}`, event };
    }),
  );
  await announce(
    transaction,
    told.flatMap(({ event, hearers }) =>
      [...new Set(hearers)].map((user_id) => ({ user_id, name: event.type, data: event }) as Announcement),
    ),
  );
}

/** Credits that we give somebody for something they did. */
export async function earnCredits(
  transaction: Transaction,
  earned: { userId: string; amount: bigint; reason: string; now: string },
): Promise<CreditEvent> {
  const { userId, amount, reason, now } = earned;
  if (!(await findOwner(transaction, 'profile', userId))) throw new Failure('NOT_FOUND', 'There is no such user.');
  const eventId = `credit_earned_${uuid()}`;
  const to = accounts.wallet(userId, 'CREDIT');
  await move(transaction, 'credit_earned', { key: eventId, from: accounts.issuance('CREDIT'), to, amount, now });
  const event = {
    type: 'credit_earned' as const,
    userId,
    amount: Number(amount),
    eventId,
    timestamp: now,
    reason,
  };
  await tell(transaction, [{ event, subjects: [['profile', userId]], hearers: [userId] }]);
  return event;
}

/** Credits that are spent with us, about a gig or a clan or about nothing in particular. INSUFFICIENT_FUNDS, NOT_FOUND. */
export async function spendCredits(
  transaction: Transaction,
  spent: {
    userId: string;
    amount: bigint;
    target: { type: 'gig' | 'clan'; id: string } | null;
    description: string | null;
    now: string;
  },
): Promise<CreditEvent> {
  const { userId, amount, target, description, now } = spent;
  if (target && !(await findOwner(transaction, target.type, target.id))) {
    throw new Failure('NOT_FOUND', `There is no such ${target.type}.`);
  }
  const id = uuid();
  const eventId = `credit_spent_${id}`;
  const from = accounts.wallet(userId, 'CREDIT');
  await move(transaction, 'credit_spent', { key: eventId, from, to: accounts.fee(id, 'CREDIT'), amount, now });
  const event = {
    type: 'credit_spent' as const,
    userId,
    amount: Number(amount),
    eventId,
    timestamp: now,
    ...(target && { targetType: target.type, targetId: target.id }),
    ...(description && { description }),
  };
  const subjects: (readonly [Target, string])[] = [['profile', userId]];
  if (target) subjects.unshift([target.type, target.id]);
  await tell(transaction, [{ event, subjects, hearers: [userId] }]);
  return event;
}

/** A gig's owner pays whoever did its work. NOT_FOUND for a gig that is not the payer's, or a worker who is none. */
export async function payGig(
  transaction: Transaction,
  paid: { userId: string; gigId: string; workerId: string; amount: bigint; now: string },
): Promise<CreditEvent> {
  const { userId, gigId, workerId, amount, now } = paid;
  if ((await findOwner(transaction, 'gig', gigId)) !== userId) throw new Failure('NOT_FOUND', 'There is no such gig.');
  if (workerId === userId) throw new Failure('FORBIDDEN', 'Nobody pays themselves.');
  if (!(await findOwner(transaction, 'profile', workerId))) throw new Failure('NOT_FOUND', 'There is no such worker.');
  const id = uuid();
  const eventId = `gig_payment_${id}`;
  const [from, to] = [accounts.wallet(userId, 'CREDIT'), accounts.wallet(workerId, 'CREDIT')];
  await move(transaction, 'gig_payment', { key: eventId, from, to, amount, now });
  const common = { amount: Number(amount), timestamp: now };
  const event = { type: 'gig_payment' as const, userId, ...common, eventId, targetId: gigId, workerId };
  const earned = {
    type: 'credit_earned' as const,
    userId: workerId,
    ...common,
    eventId: `credit_earned_${id}`,
    reason: 'gig_payment',
  };
  await tell(transaction, [
    { event, subjects: [['gig', gigId]], hearers: [userId, workerId] },
    { event: earned, subjects: [['profile', workerId]], hearers: [workerId] },
  ]);
  return event;
}

/** A member gives to a clan, which keeps it. INSUFFICIENT_FUNDS, NOT_FOUND. */
export async function contribute(
  transaction: Transaction,
  given: { userId: string; clanId: string; amount: bigint; now: string },
): Promise<CreditEvent> {
  const { userId, clanId, amount, now } = given;
  const leader = await findOwner(transaction, 'clan', clanId);
  if (!leader) throw new Failure('NOT_FOUND', 'There is no such clan.');
  const eventId = `clan_contribution_${uuid()}`;
  const to: Account = { code: `clan/${clanId}`, kind: 'clan', asset: 'CREDIT', ownerId: null };
  const from = accounts.wallet(userId, 'CREDIT');
  await move(transaction, 'clan_contribution', { key: eventId, from, to, amount, now });
  const event = {
    type: 'clan_contribution' as const,
    userId,
    amount: Number(amount),
    eventId,
    timestamp: now,
    targetId: clanId,
  };
  await tell(transaction, [{ event, subjects: [['clan', clanId]], hearers: [userId, leader] }]);
  return event;
}
