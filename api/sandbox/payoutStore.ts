import type { Pool } from '#db/pool.ts';
import {
  findSandboxPayout,
  insertSandboxPayout,
  listSandboxPayouts,
  moveSandboxPayout,
  sumSandboxPayouts,
} from '#db/sandbox/payouts.ts';
import type { NewSandboxDelivery } from '#db/sandbox/provider.ts';
import type { PayoutState } from '#workflows/payment/fact.ts';

export type SandboxPayout = {
  id: string;
  key: string;
  /** The caller's id of it. */
  reference: string;
  account: string;
  amount: bigint;
  currency: string;
  status: PayoutState;
  reason: string | null;
  createdAt: string;
};

/**
 * Where the sandbox keeps its payouts. What changes a payout and the webhooks that tell of it are written together or
 * not at all; both methods that write may be raced.
 */
export type SandboxPayoutStore = {
  /** Writes a payout and its webhooks unless its key or its reference has one; answers the one that is there then. */
  insert(payout: SandboxPayout, deliveries: NewSandboxDelivery[]): Promise<{ payout: SandboxPayout; made: boolean }>;
  findByReference(reference: string): Promise<SandboxPayout | null>;
  /** Moves a payout on if it is in one of these states; answers it as it is then, null where there is none. */
  move(
    id: string,
    from: readonly PayoutState[],
    to: Pick<SandboxPayout, 'status' | 'reason'>,
    deliveries: NewSandboxDelivery[],
  ): Promise<SandboxPayout | null>;
  /** Those made since an instant, the oldest first, from the one after `after` on. */
  list(page: { since: string; after: string | null; limit: number }): Promise<readonly SandboxPayout[]>;
  /** What has left in a currency, or is about to: payouts that failed, came back or were cancelled left out. */
  sumOut(currency: string): Promise<bigint>;
};

/** A store that lasts as long as its process: for tests, and for a sandbox without a database. */
export function memoryPayoutStore(deliver: (delivery: NewSandboxDelivery) => void): SandboxPayoutStore {
  const payouts: SandboxPayout[] = [];
  return {
    async insert(payout, deliveries) {
      const known = payouts.find(({ key, reference }) => key === payout.key || reference === payout.reference);
      if (known) return { payout: { ...known }, made: false };
      payouts.push({ ...payout });
      deliveries.forEach(deliver);
      return { payout, made: true };
    },
    async findByReference(reference) {
      const found = payouts.find((payout) => payout.reference === reference);
      return found ? { ...found } : null;
    },
    async move(id, from, to, deliveries) {
      const payout = payouts.find((one) => one.id === id);
      if (!payout) return null;
      if (from.includes(payout.status)) {
        Object.assign(payout, to);
        deliveries.forEach(deliver);
      }
      return { ...payout };
    },
    async list({ since, after, limit }) {
      const found = payouts.filter((payout) => payout.createdAt >= since);
      const from = after === null ? 0 : found.findIndex((payout) => payout.id === after) + 1;
      return found.slice(from, from + limit).map((payout) => ({ ...payout }));
    },
    async sumOut(currency) {
      const out = payouts.filter((payout) => payout.currency === currency && OUT.has(payout.status));
      return out.reduce((sum, payout) => sum + payout.amount, 0n);
    },
  };
}

const OUT = new Set<PayoutState>(['pending', 'processed']);

/** The store of a sandbox that has a database: a payout and the webhooks that tell of it are one transaction. */
export function postgresPayoutStore(pool: Pool): SandboxPayoutStore {
  return {
    insert: (payout, deliveries) => insertSandboxPayout(pool, payout, deliveries),
    findByReference: (reference) => findSandboxPayout(pool, reference),
    move: (id, from, to, deliveries) => moveSandboxPayout(pool, id, from, to, deliveries),
    list: (page) => listSandboxPayouts(pool, page),
    sumOut: (currency) => sumSandboxPayouts(pool, currency),
  };
}
