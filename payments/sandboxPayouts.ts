import { ASSETS, type Minor, minor } from '#workflows/money.ts';
import type { PayoutState } from '#workflows/payment/fact.ts';
import type {
  CheckedDestination,
  DestinationCheck,
  ListedPayout,
  NewPayout,
  Payout,
  PayoutProvider,
} from './payout.ts';
import { payoutWithin, unknownUnlessRefused } from './payoutTerms.ts';
import { ProviderRefused } from './provider.ts';
import { type SandboxConfig, sandboxCalls } from './sandbox.ts';

/** What the service answers about a payout. */
export type SandboxPayoutView = {
  id: string;
  reference: string;
  account: string;
  /** Minor units as a decimal string. */
  amount: string;
  currency: string;
  status: PayoutState;
  reason: string | null;
  created_at: string;
};

export type SandboxDestinationView = { status: 'valid' | 'invalid'; name: string | null; reason: string | null };

const TERMS: PayoutProvider['terms'] = Object.fromEntries(
  Object.keys(ASSETS).map((asset) => [asset, { minPayout: 1n }]),
);

const PAGE = 100;

/** Payouts of the sandbox: its other half is api/sandbox/payouts.ts, where the accounts are that fail and reverse. */
export function sandboxPayouts(config: SandboxConfig): PayoutProvider {
  const call = sandboxCalls(config);
  const at = (payoutId: string) => `/payouts/${encodeURIComponent(payoutId)}`;

  return {
    name: 'sandbox',
    terms: TERMS,

    async checkDestination({ destination }: DestinationCheck): Promise<CheckedDestination> {
      const account = accountOf(destination);
      const path = '/destinations/check';
      const view = await call<SandboxDestinationView>({ method: 'POST', path, body: { account }, late: 'not_done' });
      return { status: view.status, name: view.name, checkId: null, reason: view.reason };
    },

    async createPayout(payout: NewPayout): Promise<Payout> {
      payoutWithin({ name: 'sandbox', terms: TERMS }, payout);
      const body = {
        key: payout.key,
        reference: payout.reference,
        account: accountOf(payout.destination),
        amount: payout.amount.toString(),
        currency: payout.currency,
      };
      return unknownUnlessRefused(async () =>
        payoutOf(await call<SandboxPayoutView>({ method: 'POST', path: '/payouts', body, late: 'unknown' })),
      );
    },

    async findPayout({ reference }): Promise<Payout | null> {
      const query = { reference };
      const found = await call<SandboxPayoutView[]>({ method: 'GET', path: '/payouts', query, late: 'not_done' });
      return found[0] ? payoutOf(found[0]) : null;
    },

    async cancelPayout({ payoutId }): Promise<Payout> {
      const path = `${at(payoutId)}/cancel`;
      try {
        return payoutOf(await call<SandboxPayoutView>({ method: 'POST', path, body: {}, late: 'unknown' }));
      } catch (error) {
        if (!(error instanceof ProviderRefused) || error.code === 'NOT_FOUND') throw error;
        throw new ProviderRefused('sandbox', 'TOO_LATE', 'the payout has left already', error);
      }
    },

    async balance(currency: string): Promise<Minor> {
      const query = { currency };
      return minor(
        (await call<{ available: string }>({ method: 'GET', path: '/balance', query, late: 'not_done' })).available,
      );
    },

    async *listPayouts(since: Date): AsyncGenerator<ListedPayout> {
      for (let after: string | undefined; ; ) {
        const query = { since: since.toISOString(), after, limit: PAGE };
        const rows = await call<SandboxPayoutView[]>({ method: 'GET', path: '/payouts', query, late: 'not_done' });
        for (const { id, reference, amount, currency, status, created_at: createdAt } of rows) {
          yield { payoutId: id, reference, amount, currency, status, createdAt };
        }
        after = rows.at(-1)?.id;
        if (rows.length < PAGE) return;
      }
    },
  };
}

function accountOf(destination: NewPayout['destination']): string {
  if (destination.kind === 'sandbox') return destination.account;
  throw new ProviderRefused('sandbox', 'DESTINATION_INVALID', 'the sandbox pays its own accounts only');
}

function payoutOf({ id, status, reason }: SandboxPayoutView): Payout {
  return { status, payoutId: id, reason };
}
