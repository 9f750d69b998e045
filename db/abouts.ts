import { KINDS, type Kind } from '#workflows/kinds.ts';
import { battleAbout } from './battle/about.ts';
import { boostAbout } from './boost/about.ts';
import { challengeAbout } from './challenge/about.ts';
import { chargeBackAbout } from './chargeBack/about.ts';
import { dealAbout } from './deal/about.ts';
import { payoutAbout } from './payout/about.ts';
import { pollAbout } from './poll/about.ts';
import { sql } from './pool.ts';
import type { KindAbout } from './process/about.ts';
import { streamAbout } from './stream/about.ts';
import { subscriptionAbout } from './subscription/about.ts';
import { ticketEventAbout } from './ticketEvent/about.ts';
import { tradeAbout } from './trade/about.ts';

const nothing: KindAbout = { read: async () => new Map(), foundBy: () => sql.fragment`SELECT NULL::uuid` };

/** What lies beside the processes of each kind. */
const ABOUTS: Record<Kind, KindAbout> = {
  battle: battleAbout,
  boost: boostAbout,
  challenge: challengeAbout,
  chargeBack: chargeBackAbout,
  deal: dealAbout,
  errand: nothing,
  payout: payoutAbout,
  poll: pollAbout,
  stream: streamAbout,
  subscription: subscriptionAbout,
  ticketEvent: ticketEventAbout,
  topUp: nothing,
  trade: tradeAbout,
};

export function aboutOf(kind: string): KindAbout {
  return ABOUTS[kind as Kind] ?? nothing;
}

/** Of all kinds, as one query. */
export function foundByAbout(search: Parameters<KindAbout['foundBy']>[0]) {
  return sql.join(
    KINDS.map((kind) => ABOUTS[kind].foundBy(search)),
    sql.fragment` UNION `,
  );
}
