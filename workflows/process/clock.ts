/**
 * Time that is moved on for one process, where things are tried out. It is a step like any other, kept in the history as
 * what it is: the state counts as entered that much earlier, and so everything that is reckoned from there is that much
 * nearer. Steps keep the instants at which they were taken, and the workflow hears of it as of every step.
 */
import { MAX_DURATION_MS, MIN_DURATION_MS } from '../durations.ts';
import type { Process, Step } from './machine.ts';

export const CLOCK_MOVED = 'clock_moved';

type Moved = { ms: number; now: string; actor: string | null; correlationId: string | null };

/** The step by which time is moved on. Nobody takes it but the sandbox. */
export function clockStep(process: Process, { ms, now, actor, correlationId }: Moved): Step {
  return {
    n: process.version + 1,
    on: CLOCK_MOVED,
    by: 'system',
    actor,
    from: process.state,
    to: process.state,
    at: now,
    data: { ms },
    correlation_id: correlationId,
  };
}

/** By how much such a step moves time; null where it is none that could have been taken. */
export function movedMs({ on, by, from, to, data }: Step): number | null {
  const { ms } = data as { ms?: unknown };
  const fits = on === CLOCK_MOVED && by === 'system' && from === to && Number.isInteger(ms);
  return fits && Number(ms) >= MIN_DURATION_MS && Number(ms) <= MAX_DURATION_MS ? Number(ms) : null;
}

/** An instant, so many ms before; null stays null. */
export function earlier<Instant extends string | null>(instant: Instant, ms: number): Instant {
  return (instant === null ? null : new Date(Date.parse(instant) - ms).toISOString()) as Instant;
}
