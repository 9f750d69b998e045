/** The words of every kind of process, for the one list and the one page of all of them. */
import { battleCase } from './battle/case.ts';
import { boostCase } from './boost/case.ts';
import { challengeCase } from './challenge/case.ts';
import { chargeBackCase } from './chargeBack/case.ts';
import { dealCase } from './deal/case.ts';
import { errandCase } from './errand/case.ts';
import { KINDS, type Kind, machineOf } from './kinds.ts';
import { payoutCase } from './payout/case.ts';
import { pollCase } from './poll/case.ts';
import type { CaseWords } from './process/case.ts';
import { streamCase } from './stream/case.ts';
import { subscriptionCase } from './subscription/case.ts';
import { ticketEventCase } from './ticketEvent/case.ts';
import { topUpCase } from './topUp/case.ts';
import { tradeCase } from './trade/case.ts';

const CASES: Record<Kind, CaseWords> = {
  battle: battleCase as CaseWords,
  boost: boostCase as CaseWords,
  challenge: challengeCase as CaseWords,
  chargeBack: chargeBackCase as CaseWords,
  deal: dealCase as CaseWords,
  errand: errandCase as CaseWords,
  payout: payoutCase as CaseWords,
  poll: pollCase as CaseWords,
  stream: streamCase as CaseWords,
  subscription: subscriptionCase as CaseWords,
  ticketEvent: ticketEventCase as CaseWords,
  topUp: topUpCase as CaseWords,
  trade: tradeCase as CaseWords,
};

/** Kinds that people have: all but the one that proves what holds for each, which nobody opens. */
export const SHOWN_KINDS = KINDS.filter((kind): kind is Exclude<Kind, 'errand'> => kind !== 'errand');

/** Throws RangeError for a kind that is none. */
export function caseOf(kind: string): CaseWords {
  return CASES[machineOf(kind).kind as Kind];
}
