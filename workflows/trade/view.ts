/** How a trade is seen by one of its parties, or by an administrator. */
import { type Asset, formatDecimal } from '../money.ts';
import { allowedCommands, awaitedRole, type Step } from '../process/machine.ts';
import { COMMANDS, type CommandName, entryOf } from './commands.ts';
import type { TransactionView } from './contract.ts';
import { deadlineOf, verdictOf } from './deadline.ts';
import { tradeMachine } from './machine.ts';
import { isParty, type Party } from './parties.ts';
import type { Trade, TradeStep } from './terms.ts';

export type Viewer = Party | 'admin';

/** Everything that follows from the trade itself; who takes part, the history and where to pay are looked up. */
export type TradeStanding = Omit<
  TransactionView,
  'id' | 'buyer_id' | 'seller_id' | 'payment_details' | 'history' | 'created_at'
>;

export function standingFor(viewer: Viewer, trade: Trade): TradeStanding {
  const { terms, asset } = trade;
  const awaited = awaitedRole(tradeMachine, trade);
  return {
    status: trade.state,
    asset,
    amount: formatDecimal(BigInt(terms.amount), asset),
    price: terms.price,
    currency: terms.currency,
    payment_method: terms.payment_method,
    offer_id: terms.offer_id ?? null,
    held: formatDecimal(BigInt(trade.held), asset),
    deadline: deadlineOf(trade),
    awaiting_role: awaited !== null && isParty(awaited) ? awaited : null,
    my_role: viewer,
    policy: terms.policy,
    cancel_asked_by: terms.cancel_asked_by,
    dispute: disputeOf(trade),
    ruling: terms.ruling && { ...terms.ruling, by: terms.ruling.by === 'admin' ? 'admin' : 'system' },
    allowed_actions: actionsFor(viewer, trade),
    updated_at: trade.stepped_at,
  };
}

function disputeOf(trade: Trade): TransactionView['dispute'] {
  const { dispute } = trade.terms;
  if (!dispute) return null;
  const { opened_by, reason } = dispute;
  if (trade.state !== 'disputed') return { opened_by, reason, silence: null };
  const { at, release_percent, reason: why } = verdictOf(trade);
  return { opened_by, reason, silence: { at, release_percent, reason: why } };
}

function actionsFor(viewer: Viewer, trade: Trade): TransactionView['allowed_actions'] {
  return allowedCommands(tradeMachine, trade, viewer, trade.stepped_at).flatMap((name) => {
    const { label, field } = COMMANDS[name as CommandName];
    if (!label) return [];
    return [
      {
        name,
        label: label.text,
        style: label.style,
        input: field && {
          id: field.id,
          placeholder: field.placeholder,
          required: field.required,
          max_length: field.maxLength,
        },
        consequence: consequenceOf(name, trade),
      },
    ];
  });
}

const GOES_TO: Partial<Record<CommandName, Party>> = { release: 'buyer', cancel: 'seller', agree_cancel: 'seller' };

/** Who gets what by an action; null where nobody gets anything yet. */
function consequenceOf(name: string, { held, asset }: Trade): string | null {
  const amount = `${formatDecimal(BigInt(held), asset)} ${asset}`;
  if (name === 'resolve') return `The buyer gets as many per cent of ${amount} as you say, the seller the rest.`;
  const to = GOES_TO[name as CommandName];
  return to ? `The ${to} gets ${amount}.` : null;
}

/** A step as the two read it in the history. */
export function historyOf({ n, on, by, at, from, to, data }: TradeStep): TransactionView['history'][number] {
  return {
    n,
    action: on,
    by: by as TransactionView['history'][number]['by'],
    at,
    from: from as Trade['state'],
    to: to as Trade['state'],
    sentence: entryOf(on)?.sentence ?? '',
    text: [data.reason, data.text].filter(Boolean).join('\n') || null,
    links: [...(data.links ?? [])],
  };
}

/** What a step announces to both sides. */
export function announcementOf(trade: Trade, { on, by }: Pick<Step, 'on' | 'by'>) {
  return {
    orderId: trade.id,
    status: trade.state,
    data: {
      kind: 'escrow' as const,
      action: on,
      by: by as TransactionView['history'][number]['by'],
      deadline: deadlineOf(trade),
      asset: trade.asset as Asset,
      held: formatDecimal(BigInt(trade.held), trade.asset),
      ...(trade.terms.offer_id !== undefined && { offerId: trade.terms.offer_id }),
    },
  };
}
