/** How a payout is seen by whoever is paid, or by an administrator. */
import { type Asset, formatDecimal } from '../money.ts';
import { allowedCommands } from '../process/machine.ts';
import { COMMANDS, type CommandName, entryOf } from './commands.ts';
import type { PayoutView } from './contract.ts';
import { payoutMachine } from './machine.ts';
import type { Payout, PayoutStep } from './terms.ts';

export type Viewer = 'payee' | 'admin';

/** Everything that follows from the payout itself; where it goes, and what its provider says, are looked up. */
export type PayoutStanding = Pick<
  PayoutView,
  'status' | 'asset' | 'amount' | 'fee' | 'net' | 'provider' | 'reason' | 'deadline' | 'allowed_actions' | 'updated_at'
>;

export function standingFor(viewer: Viewer, payout: Payout): PayoutStanding {
  const { terms, asset } = payout;
  const text = (units: string) => formatDecimal(BigInt(units), asset as Asset);
  return {
    status: payout.state,
    asset,
    amount: text(terms.gross),
    fee: text(terms.fee),
    net: text(terms.net),
    provider: terms.provider,
    reason: terms.reason,
    deadline: payoutMachine.deadlineOf(payout),
    allowed_actions: allowedCommands(payoutMachine, payout, viewer, payout.stepped_at).flatMap((name) => {
      const { label } = COMMANDS[name as CommandName];
      return label ? [{ name, label: label.text, style: label.style }] : [];
    }),
    updated_at: payout.stepped_at,
  };
}

/** A step as its payee reads it in the history. */
export function historyOf({ n, on, by, at, from, to, data }: PayoutStep): PayoutView['history'][number] {
  const sentence = entryOf(on)?.sentence ?? '';
  return {
    n,
    action: on,
    by: by as 'payee',
    at,
    from: from as Payout['state'],
    to: to as Payout['state'],
    sentence,
    reason: data.reason ?? null,
  };
}

/** What a step announces to whoever is paid. */
export function announcementOf(payout: Payout, action: string) {
  const { status, asset, amount, fee, net, reason, deadline } = standingFor('payee', payout);
  return { payoutId: payout.id, status, action, asset, amount, fee, net, reason, deadline };
}
