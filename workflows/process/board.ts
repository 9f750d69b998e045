/** What an operator sees of a process in the Temporal Web UI, and what searches find it by. No personal data. */
import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import { formatAmount } from '../money.ts';
import type { OpenPromise } from './activities.ts';
import { allowedCommands, awaitedRole, type Machine, type Process } from './machine.ts';
import { OUTSIDERS } from './table.ts';

/** What a process is found by. Registered with the server under these names and types, the same for all kinds. */
export const SEARCH_ATTRIBUTE_KEYS = {
  kind: defineSearchAttributeKey('TandemKind', 'KEYWORD'),
  state: defineSearchAttributeKey('TandemState', 'KEYWORD'),
  awaiting: defineSearchAttributeKey('TandemAwaiting', 'KEYWORD'),
  attention: defineSearchAttributeKey('TandemAttention', 'KEYWORD'),
  /** None where there is no deadline: instants that some stores do not know, as the year 9999, would end no process. */
  deadline: defineSearchAttributeKey('TandemDeadline', 'DATETIME'),
  /** In the smallest unit of the asset. */
  held: defineSearchAttributeKey('TandemHeld', 'INT'),
  asset: defineSearchAttributeKey('TandemAsset', 'KEYWORD'),
};

/** What there is to know of a process's workflow beside the process. */
export type Standing = {
  promises: readonly OpenPromise[];
  /** Nothing here can make sense of the process. */
  parked: string | null;
  /** What is tried in vain: the activity, or the provider that is asked. */
  failing: string | null;
  /** Until when a deadline that has passed waits for a provider's word on the order. */
  awaitsWord: string | null;
};

/** What calls for an operator, the gravest first; `none` where nothing does. */
export function attentionOf(machine: Machine, process: Process, { promises, parked, failing }: Standing): string {
  if (parked !== null) return 'parked';
  const failed = promises.find(({ call }) => call?.status === 'failed')?.call;
  if (failed) return `${failed.kind}_failed`;
  if (failing !== null) return 'activity_fails';
  return machine.boardOf?.(process).attention ?? 'none';
}

export function searchAttributesOf(machine: Machine, process: Process, attention: string): SearchAttributeUpdatePair[] {
  const deadline = machine.deadlineOf(process);
  return [
    { key: SEARCH_ATTRIBUTE_KEYS.kind, value: process.kind },
    { key: SEARCH_ATTRIBUTE_KEYS.state, value: process.state },
    { key: SEARCH_ATTRIBUTE_KEYS.awaiting, value: awaitedRole(machine, process) ?? 'nobody' },
    { key: SEARCH_ATTRIBUTE_KEYS.attention, value: attention },
    { key: SEARCH_ATTRIBUTE_KEYS.deadline, value: deadline === null ? null : new Date(deadline) },
    { key: SEARCH_ATTRIBUTE_KEYS.held, value: Number(process.held) },
    { key: SEARCH_ATTRIBUTE_KEYS.asset, value: process.asset },
  ] as SearchAttributeUpdatePair[];
}

/** Markdown: who is awaited since when and until when, what is held and owed, what may be done. */
export function detailsOf(machine: Machine, process: Process, standing: Standing, attention: string): string {
  const { promises, parked, failing, awaitsWord } = standing;
  const amount = (units: string) => formatAmount(BigInt(units), process.asset);
  const named = process.variant === null ? process.kind : `${process.kind}, ${process.variant}`;
  return [
    `**${process.state}** (${named}, step ${process.version})${attention === 'none' ? '' : ` · attention: **${attention}**`}`,
    '',
    `- awaited: ${awaitedRole(machine, process) ?? 'nobody'} since ${process.entered_at}, until ${machine.deadlineOf(process) ?? 'no deadline'}`,
    `- held: ${amount(process.held)}`,
    ...promises.map((promise) => `- open: ${promise.kind} of ${amount(promise.amount)}${wayOf(promise)}`),
    ...(awaitsWord === null
      ? []
      : [`- the deadline has passed and waits until ${awaitsWord} for the provider's word on the payment`]),
    ...(parked === null ? [] : [`- parked: ${parked}`]),
    ...(failing === null ? [] : [`- tried in vain, and tried again: ${failing}`]),
    ...mayOf(machine, process),
    ...(machine.boardOf?.(process).lines ?? []).map((line) => `- ${line}`),
    ...(promises.some(({ call }) => call?.status === 'failed') ? ['- operator: Update `retryRefund`'] : []),
  ].join('\n');
}

function wayOf({ call, held_up }: OpenPromise): string {
  if (held_up) return ' (held up by a dispute about its payment)';
  return call ? ` (${call.status}, attempt ${call.attempt})` : '';
}

function mayOf(machine: Machine, process: Process): string[] {
  const roles = [...machine.table.parties, ...OUTSIDERS].filter((role) => role !== 'provider' && role !== 'system');
  return roles.flatMap((role) => {
    const commands = allowedCommands(machine, process, role, process.stepped_at);
    return commands.length > 0 ? [`- ${role} may: ${commands.join(', ')}`] : [];
  });
}
