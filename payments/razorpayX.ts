import { type Minor, minor } from '#workflows/money.ts';
import type { PayoutState } from '#workflows/payment/fact.ts';
import { exactNumber } from './exactNumber.ts';
import { readAnswer } from './httpCalls.ts';
import type {
  CheckedDestination,
  Destination,
  DestinationCheck,
  ListedPayout,
  NewPayout,
  Payout,
  PayoutProvider,
} from './payout.ts';
import { payoutWithin, unknownUnlessRefused } from './payoutTerms.ts';
import { ProviderRefused } from './provider.ts';
import { type RazorpayAccess, razorpayCalls, razorpayId } from './razorpayCalls.ts';
import {
  amountAt,
  currencyAt,
  idAt,
  instantAt,
  maybeIdAt,
  maybePartAt,
  meaningAt,
  type Part,
  partsAt,
  reasonText,
  wordAt,
} from './webhookBody.ts';

export type RazorpayXSettings = RazorpayAccess & {
  /** Our account at RazorpayX that payouts leave from. */
  accountNumber: string;
};

/** What RazorpayX calls a payout's state, and what it is to us. One it may add is none we know: unknown. */
export const PAYOUT_STATES: Readonly<Record<string, PayoutState>> = {
  queued: 'queued',
  pending: 'pending',
  scheduled: 'pending',
  processing: 'pending',
  processed: 'processed',
  rejected: 'failed',
  failed: 'failed',
  cancelled: 'cancelled',
  reversed: 'reversed',
};

/** IMPS carries up to five lakh rupees at once, UPI one; NEFT has no limit. In paise. */
const MOST_BY_IMPS = 50_000_000n;

/** What a penny drop sends, in paise. */
const PENNY = 100;

const TERMS = { INR: { minPayout: 100n } } as const;

/**
 * RazorpayX, which its maker's SDK does not know: contacts and fund accounts (the same details are the same one
 * however often they are made), validations, payouts. A payout is looked up by its reference before it is made, since
 * the idempotency key is kept for some time only.
 */
export function razorpayXProvider(settings: RazorpayXSettings): PayoutProvider {
  const { call, list } = razorpayCalls(settings);
  const { accountNumber } = settings;

  /** The provider's id of a destination. */
  async function fundAccount(id: string, destination: Destination): Promise<string> {
    if (destination.kind !== 'bank' && destination.kind !== 'upi') {
      throw new ProviderRefused(
        'razorpay',
        'DESTINATION_INVALID',
        'money goes to a bank account or a UPI address here',
      );
    }
    const contact = await call({
      method: 'POST',
      path: '/contacts',
      body: { name: destination.holder, type: 'vendor', reference_id: id },
      late: 'not_done',
    });
    const account =
      destination.kind === 'bank'
        ? {
            account_type: 'bank_account',
            bank_account: {
              name: destination.holder,
              ifsc: destination.ifsc,
              account_number: destination.accountNumber,
            },
          }
        : { account_type: 'vpa', vpa: { address: destination.address } };
    const made = await call({
      method: 'POST',
      path: '/fund_accounts',
      body: { contact_id: contact.id, ...account },
      late: 'not_done',
    });
    return readAnswer('razorpay', 'not_done', () => idAt(made, 'id'));
  }

  async function findByReference(reference: string): Promise<Part | null> {
    const query = { account_number: accountNumber, reference_id: reference };
    for await (const payout of list('/payouts', query)) {
      // The filter is the provider's: what it lets through is looked at again.
      if (payout.reference_id === reference) return payout;
    }
    return null;
  }

  async function create(payout: NewPayout): Promise<Part> {
    const fundAccountId = await fundAccount(payout.destinationId, payout.destination);
    return call({
      method: 'POST',
      path: '/payouts',
      headers: { 'x-payout-idempotency': payout.key },
      body: {
        account_number: accountNumber,
        fund_account_id: fundAccountId,
        amount: exactNumber(payout.amount),
        currency: payout.currency,
        mode: payout.destination.kind === 'upi' ? 'UPI' : payout.amount <= MOST_BY_IMPS ? 'IMPS' : 'NEFT',
        purpose: 'payout',
        queue_if_low_balance: true,
        reference_id: payout.reference,
        // The bank takes 30 letters, digits and spaces.
        narration: payout.narration.replace(/[^A-Za-z0-9 ]/g, ' ').slice(0, 30),
      },
      late: 'unknown',
    });
  }

  return {
    name: 'razorpay',
    terms: TERMS,

    async checkDestination(check: DestinationCheck): Promise<CheckedDestination> {
      if (check.checkId) {
        const path = `/fund_accounts/validations/${razorpayId(check.checkId)}`;
        return checkedOf(await call({ method: 'GET', path, late: 'not_done' }));
      }
      const made = await call({
        method: 'POST',
        path: '/fund_accounts/validations',
        body: {
          account_number: accountNumber,
          fund_account: { id: await fundAccount(check.id, check.destination) },
          ...(check.destination.kind === 'bank' ? { amount: PENNY, currency: 'INR' } : {}),
          notes: { destination: check.id },
        },
        late: 'unknown',
      });
      return checkedOf(made);
    },

    async createPayout(payout: NewPayout): Promise<Payout> {
      payoutWithin({ name: 'razorpay', terms: TERMS }, payout);
      return unknownUnlessRefused(async () => {
        const made = (await findByReference(payout.reference)) ?? (await create(payout));
        if (wordAt(made, 'amount') !== payout.amount.toString() || made.currency !== payout.currency) {
          throw new ProviderRefused('razorpay', 'IDEMPOTENCY_MISMATCH', 'this reference was used for another payout');
        }
        return payoutOf(made, 'unknown');
      });
    },

    async findPayout({ reference, payoutId }): Promise<Payout | null> {
      const found = payoutId
        ? await call({ method: 'GET', path: `/payouts/${razorpayId(payoutId)}`, late: 'not_done' })
        : await findByReference(reference);
      return found && payoutOf(found, 'not_done');
    },

    async cancelPayout({ payoutId }): Promise<Payout> {
      const path = `/payouts/${razorpayId(payoutId)}`;
      try {
        return payoutOf(await call({ method: 'POST', path: `${path}/cancel`, body: {}, late: 'unknown' }), 'unknown');
      } catch (error) {
        if (!(error instanceof ProviderRefused) || error.code === 'NOT_FOUND') throw error;
        const found = payoutOf(await call({ method: 'GET', path, late: 'not_done' }), 'not_done');
        // By an earlier call, whose answer was lost.
        if (found.status === 'cancelled') return found;
        throw new ProviderRefused('razorpay', 'TOO_LATE', `the payout is ${found.status} already`, error);
      }
    },

    async balance(currency: string): Promise<Minor> {
      const json = await call({ method: 'GET', path: '/banking_balances', late: 'not_done' });
      return readAnswer('razorpay', 'not_done', () => {
        const ours = partsAt(json, 'items').find(
          (item) => item.account_number === accountNumber && item.currency === currency,
        );
        // An overdraft is no money to pay out from.
        const held = ours && typeof ours.available_amount === 'number' && ours.available_amount > 0;
        return minor(held ? amountAt(ours, 'available_amount') : 0n);
      });
    },

    async *listPayouts(since: Date): AsyncGenerator<ListedPayout> {
      const query = { account_number: accountNumber, from: Math.floor(since.getTime() / 1000) };
      for await (const item of list('/payouts', query)) {
        yield readAnswer('razorpay', 'not_done', () => ({
          payoutId: idAt(item, 'id'),
          reference: maybeIdAt(item, 'reference_id'),
          amount: amountAt(item, 'amount'),
          currency: currencyAt(item, 'currency'),
          status: meaningAt(PAYOUT_STATES, item, 'status') ?? 'unknown',
          createdAt: instantAt(item, 'created_at'),
        }));
      }
    },
  };
}

function payoutOf(payout: Part, late: 'unknown' | 'not_done'): Payout {
  return readAnswer('razorpay', late, () => {
    const details = maybePartAt(payout, 'status_details');
    return {
      status: meaningAt(PAYOUT_STATES, payout, 'status') ?? 'unknown',
      payoutId: idAt(payout, 'id'),
      reason: reasonText(details?.description ?? payout.failure_reason),
    };
  });
}

/** A validation that completed says whether the account is active and who the bank has on it. */
function checkedOf(validation: Part): CheckedDestination {
  return readAnswer('razorpay', 'not_done', () => {
    const results = maybePartAt(validation, 'results') ?? maybePartAt(validation, 'validation_results') ?? {};
    const details = maybePartAt(validation, 'status_details');
    const ended = validation.status === 'completed' || validation.status === 'failed';
    return {
      status: !ended ? 'pending' : results.account_status === 'active' ? 'valid' : 'invalid',
      name: reasonText(results.registered_name),
      checkId: idAt(validation, 'id'),
      reason: reasonText(details?.description),
    };
  });
}
