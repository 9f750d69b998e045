/** What reaches a process's workflow: Signals for what happened, Updates for what an operator asks. */
import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Step } from './machine.ts';

/**
 * Steps that were taken at the door, or none: then something is open that the workflow may not know of, and it reads.
 * Told again until acknowledged, in order, overlapping at will. No texts and no accounts.
 */
export const stepped = defineSignal<[Step[]]>('stepped');

/** A provider's fact as the workflow's history shows it: enough for an operator to read; the inbox holds the rest. */
export type ReportedFact = { id: string; kind: string; amount: string; currency: string };

/** What a provider reported and the inbox holds; booked by an activity. */
export const paymentReported = defineSignal<[ReportedFact[]]>('paymentReported');

/** Who asks, in their own words: beside the name that the one who sends an Update has at the server. */
export type By = { by?: string };

/** What an operator may do from the Web UI: a machine's `updates` say which command each of these gives. */
export const defineCommand = (name: string) =>
  defineUpdate<{ version: number; state: string }, [Record<string, unknown>]>(name);

/** Asks providers again for what they said had failed. Answers how many. Takes nothing as well, as the Web UI sends it. */
export const retryRefund = defineUpdate<{ retried: number }, [By]>('retryRefund');
