import type { PayoutSettings } from '#db/payout/payouts.ts';
import type { Asset } from '#workflows/money.ts';
import type { ProviderName } from '#workflows/payment/fact.ts';
import type { Deps } from '../deps.ts';

/** What a deployment makes of payouts. */
export function payoutSettings({ config, payoutProviders }: Pick<Deps, 'config' | 'payoutProviders'>): PayoutSettings {
  return {
    feeBps: config.PAYOUT_FEE_BPS,
    limitsPercent: config.PAYOUT_LIMITS_PERCENT,
    holdFor: config.PAYOUT_HOLD,
    holdForNew: config.PAYOUT_NEW_DESTINATION_HOLD,
    leastAt: (provider: ProviderName, asset: Asset) =>
      payoutProviders.payouts[provider]?.terms[asset]?.minPayout ?? null,
  };
}
