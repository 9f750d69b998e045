import type { Kyc } from '#workflows/payment/fact.ts';
import { readAnswer } from './httpCalls.ts';
import type { KycProvider, KycStart } from './kyc.ts';
import { type StripeAccess, stripeCalls } from './stripeClient.ts';
import { maybeInstantAt, maybePartAt, type Part, reasonText } from './webhookBody.ts';

/** Stripe Connect: an Express account per payee, asked about on Stripe's own pages. */
export function stripeKyc(settings: StripeAccess): KycProvider {
  const { client, asked } = stripeCalls(settings);

  async function open({ key, reference, email, country }: KycStart) {
    return asked('unknown', () =>
      client.accounts.create(
        {
          type: 'express',
          country,
          ...(email ? { email } : {}),
          capabilities: { transfers: { requested: true } },
          metadata: { account: reference },
        },
        { idempotencyKey: key },
      ),
    );
  }

  return {
    name: 'stripe',

    async start(payee: KycStart) {
      const { accountId, returnUrl } = payee;
      const account = accountId
        ? await asked('not_done', () => client.accounts.retrieve(accountId))
        : await open(payee);
      const kyc = readAnswer('stripe', 'not_done', () => kycOf(account as unknown as Part));
      if (kyc.status === 'verified') return { accountId: account.id, url: null, kyc };
      const link = await asked('unknown', () =>
        client.accountLinks.create({
          account: account.id,
          type: 'account_onboarding',
          refresh_url: returnUrl,
          return_url: returnUrl,
        }),
      );
      return { accountId: account.id, url: link.url, kyc };
    },

    async status(accountId: string): Promise<Kyc> {
      const account = await asked('not_done', () => client.accounts.retrieve(accountId));
      return readAnswer('stripe', 'not_done', () => kycOf(account as unknown as Part));
    },
  };
}

/** An account's requirements in our words: payable means that transfers reach it and leave it again. */
export function kycOf(account: Part): Kyc {
  const requirements = maybePartAt(account, 'requirements') ?? {};
  const capabilities = maybePartAt(account, 'capabilities') ?? {};
  const currently = textsAt(requirements, 'currently_due');
  const past = textsAt(requirements, 'past_due');
  const eventually = textsAt(requirements, 'eventually_due');
  const looked = textsAt(requirements, 'pending_verification');
  const disabled = reasonText(requirements.disabled_reason);
  const payable = account.payouts_enabled === true && capabilities.transfers === 'active' && disabled === null;
  const asks = currently.length > 0 || past.length > 0;
  return {
    status: payable
      ? 'verified'
      : looked.length > 0 || !asks
        ? 'under_review'
        : account.details_submitted === true
          ? 'restricted'
          : 'pending',
    currently_due: currently,
    past_due: past,
    eventually_due: eventually,
    deadline: maybeInstantAt(requirements, 'current_deadline'),
    disabled_reason: disabled,
  };
}

function textsAt(parent: Part, name: string): string[] {
  const list = parent[name];
  return Array.isArray(list) ? list.flatMap((item) => reasonText(item) ?? []) : [];
}
