/** When a trade's state ends by itself. */
import { after, later } from '../durations.ts';
import { oncePer } from '../oncePer.ts';
import { OTHER, PARTIES, type Party } from './parties.ts';
import { STATEMENT_WITHIN } from './policy.ts';
import type { Terms, Trade } from './terms.ts';

/** The instant at which the state ends by itself; null where it has none. Kept with the trade: a step asks often. */
export const deadlineOf = oncePer((trade: Trade): string | null => {
  const { policy } = trade.terms;
  switch (trade.state) {
    case 'awaiting_payment':
      return after(trade.entered_at, policy.pay_within);
    case 'payment_confirmed':
      return after(trade.entered_at, policy.release_within);
    case 'disputed':
      return verdictOf(trade).at;
    default:
      return null;
  }
});

export type Verdict = {
  at: string;
  /** For whom it is ruled then; null where neither side earned it. */
  for: Party | null;
  release_percent: number;
  reason: string;
};

/** How a dispute ends where nobody rules, as things stand: whatever comes first. */
export function verdictOf({ terms, entered_at }: Trade): Verdict {
  const { policy } = terms;
  const verdicts: Verdict[] = [
    {
      at: after(entered_at, policy.rule_within),
      for: null,
      release_percent: policy.default_release_percent,
      reason: 'No ruling came in time.',
    },
  ];
  const wrote = onlyOneOf(terms.dispute?.stated);
  if (wrote) {
    const asked = after(entered_at, STATEMENT_WITHIN);
    // Who writes after the others were asked to gives them as long again.
    const at = wrote.at <= asked ? asked : after(wrote.at, STATEMENT_WITHIN);
    verdicts.push(rulingFor(wrote.party, at, 'wrote no statement'));
  }
  const spoke = onlyOneOf(terms.dispute?.spoke);
  if (spoke) {
    verdicts.push(rulingFor(spoke.party, later(after(entered_at, policy.respond_within), spoke.at), 'did not answer'));
  }
  return verdicts.reduce((first, other) => (other.at < first.at ? other : first));
}

function onlyOneOf(when: NonNullable<Terms['dispute']>['spoke'] | undefined): { party: Party; at: string } | null {
  const [one, another] = PARTIES.flatMap((party) => {
    const at = when?.[party] ?? null;
    return at === null ? [] : [{ party, at }];
  });
  return one && !another ? one : null;
}

function rulingFor(party: Party, at: string, what: string): Verdict {
  return {
    at,
    for: party,
    release_percent: party === 'buyer' ? 100 : 0,
    reason: `The ${OTHER[party]} ${what} in time.`,
  };
}
