import { type Kind, machineOf } from '#workflows/kinds.ts';
import { battleRows } from './battle/rows.ts';
import { boostRows } from './boost/rows.ts';
import { challengeRows } from './challenge/rows.ts';
import { chargeBackRows } from './chargeBack/rows.ts';
import { dealRows } from './deal/rows.ts';
import { errandRows } from './errand/rows.ts';
import { payoutRows } from './payout/rows.ts';
import { pollRows } from './poll/rows.ts';
import type { KindRows } from './process/kind.ts';
import { streamRows } from './stream/rows.ts';
import { subscriptionRows } from './subscription/rows.ts';
import { ticketEventRows } from './ticketEvent/rows.ts';
import { topUpRows } from './topUp/rows.ts';
import { tradeRows } from './trade/rows.ts';

/** What a step of each kind writes beside itself. */
const ROWS: Record<Kind, KindRows> = {
  battle: battleRows,
  boost: boostRows,
  challenge: challengeRows,
  chargeBack: chargeBackRows,
  deal: dealRows,
  errand: errandRows,
  payout: payoutRows,
  poll: pollRows,
  stream: streamRows,
  subscription: subscriptionRows,
  ticketEvent: ticketEventRows,
  topUp: topUpRows,
  trade: tradeRows,
};

/** Throws RangeError for a kind that is none. */
export function rowsOf(kind: string): KindRows {
  return ROWS[machineOf(kind).kind as Kind];
}
