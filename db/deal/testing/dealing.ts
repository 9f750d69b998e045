/** Deals played through the real functions of this folder, on a real database: no HTTP, no workflow, one clock. */
import { v7 as uuid } from 'uuid';
import { DEFAULT_POLICY, type Policy } from '#workflows/deal/policy.ts';
import type { CommandName, DealKind, Party } from '#workflows/deal/table.ts';
import { asDeal, type Deal } from '#workflows/deal/terms.ts';
import { minor } from '#workflows/money.ts';
import type { FactKind, ProviderFact } from '#workflows/payment/fact.ts';
import type { Step } from '#workflows/process/machine.ts';
import { insertBid, insertCampaign } from '../../market/offers.ts';
import { bookUnaddressedFacts, bookWaitingFacts } from '../../payment/bookings.ts';
import { storeWebhook } from '../../payment/inbox.ts';
import { fillOrder, findOpenOrder } from '../../payment/orders.ts';
import { claimRefund, type RefundOutcome, refundKey, settleRefund } from '../../payment/refunds.ts';
import { createAccount } from '../../people/accounts.ts';
import type { Pool } from '../../pool.ts';
import { type DoorResult, takeStep } from '../../process/door.ts';
import { findProcess, listOpenPromises, listSteps } from '../../process/processes.ts';
import { carryPromise } from '../../process/promises.ts';
import { expireIfDue } from '../../process/step.ts';
import { doorOf } from '../../process/testing/door.ts';
import { type Decision, decideTask } from '../../task/decisions.ts';
import { openDeal } from '../opening.ts';

export const SYSTEM = '00000000-0000-0000-0000-000000000000';

export type Dealing = {
  pool: Pool;
  clock: { now: Date };
  adminId: string;
  newPair(): Promise<Record<Party, string>>;
  open(kind: DealKind, parties: Record<Party, string>, policy?: Partial<Policy>): Promise<string>;
  deal(id: string): Promise<Deal>;
  steps(id: string): Promise<Step[]>;
  /** A click or an input, as one of the parties or an administrator; the same `key` is the same request. */
  give(
    id: string,
    by: Party | 'admin',
    on: CommandName,
    data?: Record<string, unknown>,
    key?: string,
  ): Promise<DoorResult>;
  /** Asks for payment, and is given the provider's id of the order. */
  order(id: string): Promise<string>;
  /** A provider's webhook; the same `eventId` is the same webhook. */
  hear(fact: Partial<ProviderFact> & { kind: FactKind }, eventId?: string): Promise<void>;
  book(id: string | null): Promise<void>;
  expire(id: string): Promise<void>;
  /** Moves what is promised, and lets the provider say this of refunds that are due. Null: it says nothing yet. */
  carry(id: string, refunds: RefundOutcome['status'] | null): Promise<void>;
  /** An operator decides on a task. */
  decide(taskId: string, decision: Decision): Promise<boolean>;
};

/** The clock stands where it is until a test moves it. */
export function startDealing(pool: Pool, adminId: string): Dealing {
  const clock = { now: new Date('2026-03-01T09:00:00.000Z') };
  const door = doorOf(pool, { now: () => clock.now, systemUserId: SYSTEM, feeBps: 1_000 });
  const iso = () => clock.now.toISOString();
  const origin = () => ({ now: iso(), systemUserId: SYSTEM, correlationId: null });

  async function getDeal(id: string) {
    const stored = await findProcess(pool, id);
    if (!stored) throw new Error(`no deal ${id}`);
    return stored;
  }

  const dealing: Dealing = {
    pool,
    clock,
    adminId,

    async newPair() {
      return { brand_owner: await newUser(pool, 'brand_owner'), influencer: await newUser(pool, 'influencer') };
    },

    async open(kind, parties, policy = {}) {
      const about = {
        title: 'Monsoon',
        description: 'Three reels',
        policy: DEFAULT_POLICY,
        created_at: iso(),
        id: uuid(),
      };
      if (kind === 'campaign') {
        await insertCampaign(pool, { ...about, brand_owner_id: parties.brand_owner, budget: 2_000_000n });
      } else await insertBid(pool, { ...about, influencer_id: parties.influencer, starting_price: 400_000n });
      const { conversation } = await pool.transaction((transaction) =>
        openDeal(transaction, {
          about: kind === 'campaign' ? { kind, campaignId: about.id } : { kind, bidId: about.id },
          parties,
          proposed: minor(600_000n),
          policy: { ...DEFAULT_POLICY, ...policy },
          words: 'I would love to',
          now: iso(),
          systemUserId: SYSTEM,
        }),
      );
      return conversation.id;
    },

    async deal(id) {
      return asDeal((await getDeal(id)).process);
    },

    steps: (id) => listSteps(pool, id, 0, 1_000),

    async give(id, by, on, data = {}, key) {
      const { seats } = await getDeal(id);
      const accountId = by === 'admin' ? adminId : (seats[by] as string);
      return takeStep(door, {
        processId: id,
        kind: 'deal',
        caller: { accountId, roles: [by] },
        on,
        data,
        via: { button_id: on },
        key: key === undefined ? null : { accountId, path: `/${id}`, key, bodyHash: 'ab'.repeat(32) },
      });
    },

    async order(id) {
      await dealing.give(id, 'brand_owner', 'proceed_to_payment');
      const order = await findOpenOrder(pool, id);
      if (!order) throw new Error('no order is open');
      const providerOrderId = order.provider_order_id ?? `order_${order.id}`;
      if (!order.provider_order_id) {
        await fillOrder(pool, order.id, { providerOrderId, checkoutUrl: null, razorpayConfig: null, expiresAt: null });
      }
      return providerOrderId;
    },

    async hear(fact, eventId = uuid()) {
      const whole = factOf({ occurredAt: iso(), ...fact });
      const { provider, kind } = whole;
      await storeWebhook(pool, { provider, eventId, type: kind, facts: [whole], body: '{}', now: () => clock.now });
    },

    async book(id) {
      if (id === null) await bookUnaddressedFacts(pool, origin());
      else await bookWaitingFacts(pool, id, origin());
    },

    async expire(id) {
      await bookWaitingFacts(pool, id, origin());
      await expireIfDue(pool, await getDeal(id), origin());
    },

    async carry(id, refunds) {
      for (const { id: promiseId } of await listOpenPromises(pool, id)) {
        await carryPromise(pool, id, promiseId, origin());
      }
      for (const { call } of refunds === null ? [] : await listOpenPromises(pool, id)) {
        const claimed = call && (await claimRefund(pool, call.id, iso()));
        if (!claimed || refunds === null) continue;
        const failure = refunds === 'failed' ? 'the account is closed' : null;
        await settleRefund(pool, claimed, { status: refunds, refundId: `at_${refundKey(claimed)}`, failure }, origin());
      }
    },

    decide: (taskId, decision) =>
      pool.transaction((transaction) =>
        decideTask(transaction, taskId, { decision, reason: 'Looked at' }, adminId, origin()),
      ),
  };

  return dealing;
}

/** A provider's fact with all that a test does not care about. */
export function factOf(fact: Partial<ProviderFact> & Pick<ProviderFact, 'kind' | 'occurredAt'>): ProviderFact {
  return {
    provider: 'sandbox',
    orderId: null,
    reference: null,
    paymentId: null,
    refundId: null,
    refundKey: null,
    amount: '500000',
    currency: 'INR',
    reason: null,
    ...fact,
  };
}

export async function newUser(pool: Pool, role: 'brand_owner' | 'influencer' | 'admin'): Promise<string> {
  const id = uuid();
  await createAccount(pool, {
    id,
    handle: `${role.slice(0, 1)}${id.replaceAll('-', '').slice(-20)}`,
    passwordHash: null,
    roles: [role],
    externalSubject: null,
    at: '2026-03-01T08:00:00.000Z',
  });
  return id;
}
