import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { Party } from '#workflows/chargeBack/parties.ts';
import { RESPOND_WITHIN } from '#workflows/chargeBack/policy.ts';
import { asChargeBack, type ChargeBackOpening } from '#workflows/chargeBack/terms.ts';
import { announcementOf } from '#workflows/chargeBack/view.ts';
import { after } from '#workflows/durations.ts';
import type { Asset } from '#workflows/money.ts';
import type { Leg } from '#workflows/process/machine.ts';
import { announce } from '../event/announce.ts';
import { accounts, type Transfer } from '../money/ledger.ts';
import { balanceOf, tellOfTransfer } from '../money/walletEvents.ts';
import { type DisputeRow as Dispute, findDispute } from '../payment/disputes.ts';
import { type Executor, type Pool, sql, type Transaction } from '../pool.ts';
import { lockDispute } from '../process/locks.ts';
import { openProcess } from '../process/opening.ts';
import { findProcess, lockProcess } from '../process/processes.ts';
import { ringSoon } from '../process/ringing.ts';
import { appendOwnStep } from '../process/step.ts';
import type { Origin, StoredProcess } from '../process/stored.ts';
import { type ChargeBackRow, findOfDispute } from './chargeBacks.ts';
import { answerableFor, lesser, lockAccounts, partOf, type Sides, sidesOf } from './payments.ts';
import { assetFor, bookLoss, undoLoss } from './recovering.ts';

const newsRow = z.object({ dispute_id: z.string() });

/**
 * Has a process for every dispute, and has it know how its dispute stands. What a provider said of a dispute is booked by
 * the mechanism, and a trigger notes that it is news; each is followed here in a transaction of its own, once, whoever
 * does it. Answers the processes that have something new.
 */
export async function followDisputes(pool: Pool, origin: Origin, limit = 100): Promise<string[]> {
  const news = await pool.any(sql.type(newsRow)`
    SELECT dispute_id FROM dispute_news ORDER BY since LIMIT ${limit}
  `);
  const followed: string[] = [];
  const errors: unknown[] = [];
  for (const { dispute_id } of news) {
    try {
      const processId = await pool.transaction((transaction) => follow(transaction, dispute_id, origin));
      if (processId) followed.push(processId);
    } catch (error) {
      // It stays news, and holds up no other.
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} disputes could not be followed`);
  return followed;
}

/** Its process first, as everywhere; then the dispute, as it stands under its lock. */
async function follow(transaction: Transaction, disputeId: string, origin: Origin): Promise<string | null> {
  const before = await findOfDispute(transaction, disputeId);
  const known = before && (await lockProcess(transaction, before.process_id));
  const name = await findDispute(transaction, disputeId);
  if (!name || !(await lockDispute(transaction, name.provider, name.dispute_id))) return null;
  const dispute = (await findDispute(transaction, disputeId)) as Dispute;
  const { rowCount } = await transaction.query(sql.typeAlias('void')`
    DELETE FROM dispute_news WHERE dispute_id = ${disputeId}
  `);
  // Somebody else has followed it meanwhile.
  if (rowCount === 0) return null;
  const row = await findOfDispute(transaction, disputeId);
  const stored = known ?? (row && (await lockProcess(transaction, row.process_id)));
  const followed =
    row && stored ? await seat(transaction, { row, stored }, dispute) : await open(transaction, dispute, origin);
  if (!followed) return null;
  await decided(transaction, followed, dispute, origin);
  return followed.row.process_id;
}

type Followed = { row: ChargeBackRow; stored: StoredProcess; sides: Sides | null };

/** A payment that was disputed before it was known is somebody's by now. */
async function seat(
  transaction: Transaction,
  { row, stored }: { row: ChargeBackRow; stored: StoredProcess },
  dispute: Dispute,
): Promise<Followed> {
  const sides = await findSides(transaction, dispute);
  const asset = sides?.asset ?? row.asset;
  if (row.payment_process_id !== null || !sides || asset !== stored.process.asset) return { row, stored, sides };
  await transaction.query(sql.typeAlias('void')`
    UPDATE charge_backs SET payment_process_id = ${dispute.process_id}, payee_id = ${sides.payee}
    WHERE process_id = ${row.process_id}
  `);
  for (const [role, userId] of Object.entries(seatsOf(sides))) {
    await transaction.query(sql.typeAlias('void')`
      INSERT INTO seats (process_id, role, user_id) VALUES (${row.process_id}, ${role}, ${userId}) ON CONFLICT DO NOTHING
    `);
  }
  const seated = { ...row, payment_process_id: dispute.process_id, payee_id: sides.payee };
  return { row: seated, stored: { ...stored, seats: seatsOf(sides) }, sides };
}

async function findSides(executor: Executor, { process_id }: Dispute): Promise<Sides | null> {
  const paid = process_id && (await findProcess(executor, process_id));
  return paid ? sidesOf(paid) : null;
}

function seatsOf(sides: Sides | null): Record<string, string> {
  if (!sides) return {};
  return { payee: sides.payee, ...(sides.payer !== null && { payer: sides.payer }) };
}

const said = z.object({ reason: z.string().nullable(), respond_by: z.string().nullable() });

/** Why, and until when evidence is taken: as whoever told of it said last. */
async function findSaid(executor: Executor, dispute: Dispute): Promise<z.infer<typeof said>> {
  const found = await executor.maybeOne(sql.type(said)`
    SELECT max(fact ->> 'reason') FILTER (WHERE fact ->> 'kind' = 'charge_back_opened') AS reason,
      max(fact ->> 'respondBy') AS respond_by
    FROM inbox
    WHERE fact ->> 'kind' LIKE 'charge\_back%' AND fact ->> 'paymentId' = ${dispute.payment_id}
      AND fact ->> 'provider' = ${dispute.provider}
      AND coalesce(fact ->> 'disputeId', 'of_' || (fact ->> 'paymentId')) = ${dispute.dispute_id}
  `);
  return found ?? { reason: null, respond_by: null };
}

/** Opens it, with what the payee has of the payment set aside. None for one that was won before it was heard of. */
async function open(transaction: Transaction, dispute: Dispute, { now }: Origin): Promise<Followed | null> {
  if (dispute.state === 'won') return null;
  const sides = await findSides(transaction, dispute);
  const asset = assetFor(dispute.currency, sides);
  const id = uuid();
  const held = sides ? await freezable(transaction, dispute, sides, id, now) : 0n;
  const { reason, respond_by } = await findSaid(transaction, dispute);
  const opened: ChargeBackOpening = {
    provider: dispute.provider,
    amount: dispute.amount.toString(),
    currency: dispute.currency,
    respond_by: respond_by && respond_by > now ? new Date(respond_by).toISOString() : after(now, RESPOND_WITHIN),
    about: dispute.process_id,
  };
  const seats = seatsOf(sides);
  const legs: Leg[] = [
    { place: 'wallet:payee', amount: `-${held}` },
    { place: 'hold:payee', amount: held.toString() },
  ];
  const process = await openProcess(transaction, {
    ...{ id, kind: 'chargeBack', by: null, variant: null, opened, seats, held: held.toString(), asset, now },
    legs: held > 0n ? legs : [],
  });
  const row = await insert(transaction, { id, dispute, sides, asset, reason });
  const stored: StoredProcess = { process, seats, captureId: null, factsWait: false };
  await ringSoon(transaction, [id], now);
  if (dispute.state === 'open') await tellOfOpening(transaction, { row, stored, sides }, held, now);
  return { row, stored, sides };
}

/** What is free of the payee's of what they answer for, locked until the transaction ends. */
async function freezable(
  transaction: Transaction,
  dispute: Dispute,
  sides: Sides,
  id: string,
  now: string,
): Promise<bigint> {
  const about = { paymentProcessId: dispute.process_id as string, except: id };
  const asked = [partOf(dispute.amount, sides), await answerableFor(transaction, sides, about)];
  await lockAccounts(transaction, [`hold/${sides.payee}`, `wallet/${sides.payee}`], sides.asset);
  const { available } = await balanceOf(transaction, sides.payee, sides.asset, now);
  return [...asked, available].reduce(lesser);
}

async function insert(
  executor: Executor,
  made: { id: string; dispute: Dispute; sides: Sides | null; asset: Asset; reason: string | null },
): Promise<ChargeBackRow> {
  const { id, dispute, sides, asset, reason } = made;
  await executor.query(sql.typeAlias('void')`
    INSERT INTO charge_backs (process_id, dispute_id, payment_process_id, payee_id, provider, currency, asset, reason)
    VALUES (${id}, ${dispute.id}, ${dispute.process_id}, ${sides?.payee ?? null}, ${dispute.provider},
      ${dispute.currency}, ${asset}, ${reason})
  `);
  return (await findOfDispute(executor, dispute.id)) as ChargeBackRow;
}

/** Both sides, and whose money is set aside. Last in its transaction. */
async function tellOfOpening(transaction: Transaction, { stored }: Followed, held: bigint, now: string): Promise<void> {
  const { process, seats } = stored;
  const payee = seats.payee as string;
  const move: Transfer = {
    key: `opened_${process.id}`,
    reason: 'chargeBack_opened',
    conversationId: process.id,
    occurredAt: now,
    legs: [
      { account: accounts.wallet(payee, process.asset), amount: -held },
      { account: accounts.hold(payee, process.asset), amount: held },
    ],
  };
  if (held > 0n) await tellOfTransfer(transaction, move);
  await announce(
    transaction,
    Object.entries(seats).map(([role, user_id]) => ({
      user_id,
      name: 'charge_back_update' as const,
      data: announcementOf(role as Party, asChargeBack(process), 'open'),
    })),
  );
}

/** The bank's word, where it is news to the process: the money first, then the step that tells of it. */
async function decided(
  transaction: Transaction,
  { row, stored, sides }: Followed,
  dispute: Dispute,
  origin: Origin,
): Promise<void> {
  const { now } = origin;
  const { state, version, held } = stored.process;
  const n = version + 1;
  if (dispute.state === 'lost' && !['lost', 'settled', 'won'].includes(state)) {
    const { lost } = dispute;
    const booked = await bookLoss(transaction, { row, sides, lost, held: BigInt(held), n, now });
    const { reckoned, taken, pending, moves } = booked;
    const data = {
      lost: lost.toString(),
      taken: taken.toString(),
      owed: reckoned.owed.toString(),
      pending: pending.toString(),
    };
    await appendOwnStep(transaction, stored, { on: 'dispute_lost', by: 'provider', data }, origin);
    await tellOf(transaction, moves);
  } else if (dispute.state === 'won' && state !== 'won') {
    const moves = await undoLoss(transaction, row, n, now);
    await appendOwnStep(transaction, stored, { on: 'dispute_won', by: 'provider', data: {} }, origin);
    await tellOf(transaction, moves);
  }
}

async function tellOf(transaction: Transaction, moves: readonly Transfer[]): Promise<void> {
  for (const move of moves) {
    // Of a leg of nothing nobody is told.
    await tellOfTransfer(transaction, { ...move, legs: move.legs.filter(({ amount }) => amount !== 0n) });
  }
}
