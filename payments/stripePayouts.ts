import type { Stripe } from 'stripe';
import { type Minor, minor } from '#workflows/money.ts';
import { exactNumber } from './exactNumber.ts';
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
import { type StripeAccess, stripeCalls } from './stripeClient.ts';

/** Under this our id of a payout travels through Stripe and comes back in its webhooks. */
export const PAYOUT_NOTE = 'payout';

const TERMS = { USD: { minPayout: 1n }, INR: { minPayout: 1n } } as const;

/**
 * Stripe Connect: a payout is a transfer from our balance to the payee's account at Stripe, which pays on to their bank
 * by itself. It is there at once or not at all; taking it back is a reversal. Our reference is its group, which finds
 * it, since Stripe forgets idempotency keys after a day.
 */
export function stripePayouts(settings: StripeAccess): PayoutProvider {
  const { client, asked, listed } = stripeCalls(settings);

  async function findByReference(reference: string): Promise<Stripe.Transfer | null> {
    for await (const transfer of listed((at) => client.transfers.list({ transfer_group: reference, ...at }))) {
      return transfer;
    }
    return null;
  }

  async function create(payout: NewPayout): Promise<Stripe.Transfer> {
    const { destination } = payout;
    if (destination.kind !== 'stripe') {
      throw new ProviderRefused('stripe', 'DESTINATION_INVALID', 'money goes to an account at Stripe here');
    }
    return asked('unknown', () =>
      client.transfers.create(
        {
          amount: exactNumber(payout.amount),
          currency: payout.currency.toLowerCase(),
          destination: destination.account,
          transfer_group: payout.reference,
          description: payout.narration.slice(0, 500),
          metadata: { [PAYOUT_NOTE]: payout.reference },
        },
        { idempotencyKey: payout.key },
      ),
    );
  }

  async function balance(currency: string): Promise<Minor> {
    const { available } = await asked('not_done', () => client.balance.retrieve());
    const ours = available.find((part) => part.currency.toUpperCase() === currency);
    return minor(BigInt(Math.max(ours?.amount ?? 0, 0)));
  }

  /**
   * Stripe keeps no queue: a balance that is too low refuses the transfer, and the refusal is remembered under the key
   * for a day. So the balance is looked at first, and null is nothing made: to be called for again, as queued.
   */
  async function createIfFunded(payout: NewPayout): Promise<Stripe.Transfer | null> {
    if ((await balance(payout.currency)) < payout.amount) return null;
    try {
      return await create(payout);
    } catch (error) {
      if (error instanceof ProviderRefused && INSUFFICIENT.has(error.code)) return null;
      throw error;
    }
  }

  return {
    name: 'stripe',
    terms: TERMS,

    async checkDestination({ destination }: DestinationCheck): Promise<CheckedDestination> {
      if (destination.kind !== 'stripe') {
        throw new ProviderRefused('stripe', 'DESTINATION_INVALID', 'money goes to an account at Stripe here');
      }
      try {
        const account = await asked('not_done', () => client.accounts.retrieve(destination.account));
        const person = account.individual;
        const name =
          account.company?.name ?? ([person?.first_name, person?.last_name].filter(Boolean).join(' ') || null);
        const takes = account.capabilities?.transfers === 'active';
        const reason = takes ? null : (account.requirements?.disabled_reason ?? 'It does not take transfers yet.');
        return {
          status: takes ? 'valid' : 'invalid',
          name: name ?? account.business_profile?.name ?? null,
          checkId: null,
          reason,
        };
      } catch (error) {
        if (!(error instanceof ProviderRefused) || error.code !== 'NOT_FOUND') throw error;
        return { status: 'invalid', name: null, checkId: null, reason: 'There is no such account.' };
      }
    },

    async createPayout(payout: NewPayout): Promise<Payout> {
      payoutWithin({ name: 'stripe', terms: TERMS }, payout);
      return unknownUnlessRefused(async () => {
        const made = (await findByReference(payout.reference)) ?? (await createIfFunded(payout));
        if (!made) return { status: 'queued', payoutId: null, reason: 'The balance does not cover it yet.' };
        if (BigInt(made.amount) !== payout.amount || made.currency.toUpperCase() !== payout.currency) {
          throw new ProviderRefused('stripe', 'IDEMPOTENCY_MISMATCH', 'this reference was used for another payout');
        }
        return payoutOf(made);
      });
    },

    async findPayout({ reference, payoutId }): Promise<Payout | null> {
      const found = payoutId
        ? await asked('not_done', () => client.transfers.retrieve(payoutId))
        : await findByReference(reference);
      return found && payoutOf(found);
    },

    async cancelPayout({ key, payoutId }): Promise<Payout> {
      const transfer = await asked('not_done', () => client.transfers.retrieve(payoutId));
      if (transfer.reversed) return payoutOf(transfer);
      try {
        await asked('unknown', () => client.transfers.createReversal(payoutId, {}, { idempotencyKey: key }));
      } catch (error) {
        if (!(error instanceof ProviderRefused) || error.code === 'IDEMPOTENCY_MISMATCH') throw error;
        throw new ProviderRefused('stripe', 'TOO_LATE', 'the payee’s account does not hold it any more', error);
      }
      return payoutOf(await asked('not_done', () => client.transfers.retrieve(payoutId)));
    },

    balance,

    async *listPayouts(since: Date): AsyncGenerator<ListedPayout> {
      const created = { gte: Math.floor(since.getTime() / 1000) };
      for await (const transfer of listed((at) => client.transfers.list({ created, ...at }))) {
        yield {
          payoutId: transfer.id,
          reference: transfer.transfer_group ?? null,
          amount: BigInt(transfer.amount).toString(),
          currency: transfer.currency.toUpperCase(),
          status: payoutOf(transfer).status,
          createdAt: new Date(transfer.created * 1000).toISOString(),
        };
      }
    },
  };
}

/** How Stripe refuses what the balance does not cover. */
const INSUFFICIENT = new Set(['balance_insufficient', 'insufficient_funds']);

function payoutOf(transfer: Stripe.Transfer): Payout {
  return { status: transfer.reversed ? 'reversed' : 'processed', payoutId: transfer.id, reason: null };
}
