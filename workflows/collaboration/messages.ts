/** What reaches a collaboration's workflow: Signals for what happened, Updates for what an operator asks. */
import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Step } from './flow.ts';
import type { ReportedFact } from './told.ts';

/**
 * Steps that were taken at the door, or none: then something is open that the workflow may not know of, and it reads.
 * Told again until acknowledged, in order, overlapping at will.
 */
export const stepped = defineSignal<[Step[]]>('stepped');

/** What a provider reported and the inbox holds; booked by an activity. */
export const paymentReported = defineSignal<[ReportedFact[]]>('paymentReported');

/** An administrator's ruling from the Web UI; does what the `resolve_dispute` button does. */
export type Ruling = { release_percent: number; reason: string };
export const rule = defineUpdate<{ version: number; state: string }, [Ruling]>('rule');

/** Asks the provider again for refunds that it said had failed. Answers how many. */
export const retryRefund = defineUpdate<{ retried: number }, []>('retryRefund');
