/** What an operator sees of a deal in the Temporal Web UI, and what searches find it by. No personal data. */
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { formatRupees } from '../money.ts';
import type { OpenPromise } from './activities.ts';
import { allowedCommands, type Deal, deadlineOf } from './flow.ts';
import { awaitingRole, ROLES } from './table.ts';

export type Attention = 'none' | 'dispute' | 'refund_failed' | 'parked';

/** What a deal is found by. Registered with the server under these names and types. */
export const SEARCH_ATTRIBUTE_KEYS = {
  kind: defineSearchAttributeKey('TandemKind', 'KEYWORD'),
  state: defineSearchAttributeKey('TandemState', 'KEYWORD'),
  awaiting: defineSearchAttributeKey('TandemAwaiting', 'KEYWORD'),
  attention: defineSearchAttributeKey('TandemAttention', 'KEYWORD'),
  deadline: defineSearchAttributeKey('TandemDeadline', 'DATETIME'),
  /** Paise. */
  held: defineSearchAttributeKey('TandemHeld', 'INT'),
};

export function attentionOf(deal: Deal, promises: readonly OpenPromise[], parked: boolean): Attention {
  if (parked) return 'parked';
  if (promises.some((promise) => promise.refund_status === 'failed')) return 'refund_failed';
  return deal.state === 'disputed' ? 'dispute' : 'none';
}

export function searchAttributesOf(deal: Deal, attention: Attention): SearchAttributePair[] {
  const deadline = deadlineOf(deal);
  return [
    { key: SEARCH_ATTRIBUTE_KEYS.kind, value: deal.kind },
    { key: SEARCH_ATTRIBUTE_KEYS.state, value: deal.state },
    { key: SEARCH_ATTRIBUTE_KEYS.awaiting, value: awaitingRole(deal.state) ?? 'nobody' },
    { key: SEARCH_ATTRIBUTE_KEYS.attention, value: attention },
    // A deal without a deadline sorts after all that have one.
    { key: SEARCH_ATTRIBUTE_KEYS.deadline, value: new Date(deadline ?? '9999-12-31T00:00:00.000Z') },
    { key: SEARCH_ATTRIBUTE_KEYS.held, value: Number(deal.terms.held) },
  ] as SearchAttributePair[];
}

/** Markdown: who is awaited since when and until when, the money held, what may be done. */
export function detailsOf(deal: Deal, promises: readonly OpenPromise[], attention: Attention): string {
  const { terms } = deal;
  const may = ROLES.map((role) => ({ role, commands: allowedCommands(deal, role, deal.stepped_at) })).filter(
    ({ role, commands }) => commands.length > 0 && role !== 'provider' && role !== 'system',
  );
  return [
    `**${deal.state}** (${deal.kind}, step ${deal.version})${attention === 'none' ? '' : ` · attention: **${attention}**`}`,
    '',
    `- awaited: ${awaitingRole(deal.state) ?? 'nobody'} since ${deal.entered_at}, until ${deadlineOf(deal) ?? 'no deadline'}`,
    `- held in escrow: ${formatRupees(BigInt(terms.held))}${terms.agreed ? ` of ${formatRupees(BigInt(terms.agreed))} agreed` : ''}`,
    ...promises.map(
      (promise) =>
        `- open: ${promise.kind} of ${formatRupees(BigInt(promise.amount))}${promise.refund_status ? ` (${promise.refund_status}, attempt ${promise.attempt})` : ''}`,
    ),
    ...may.map(({ role, commands }) => `- ${role} may: ${commands.join(', ')}`),
    ...(deal.state === 'disputed' ? ['- operator: Update `rule` {"release_percent": 0–100, "reason": "…"}'] : []),
    ...(attention === 'refund_failed' ? ['- operator: Update `retryRefund`'] : []),
  ].join('\n');
}
