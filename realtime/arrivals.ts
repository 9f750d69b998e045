import { setImmediate as turn } from 'node:timers/promises';
import { listResumable } from '#db/event/outbox.ts';
import type { Pool } from '#db/pool.ts';
import { apart } from '#program/trace.ts';
import type { Limits } from './limits.ts';
import { type ResumePoint, resumePoint } from './resume.ts';

export interface Arrivals {
  /**
   * Where the events of somebody who signs in begin, `resume` being the number of the last they say they have; `last` is
   * the number of the last there is.
   */
  begin(userId: string, resume: number | undefined): Promise<ResumePoint & { readonly last: number }>;
}

interface Arrival {
  readonly userId: string;
  /** What follows this is to be kept still. */
  readonly after: number;
  settle(found: { readonly last_seq: number; readonly kept: boolean }): void;
  fail(error: unknown): void;
}

/**
 * Looks up where readers begin: one question at a time for all who came since the last, so that thousands who come back
 * at once are some dozens of questions, and not thousands.
 */
export function createArrivals({ pool, limits }: { pool: Pool; limits: Limits }): Arrivals {
  const waiting: Arrival[] = [];
  let asking = false;

  async function ask(): Promise<void> {
    // Those of one turn of the event loop are asked about together.
    await turn();
    while (waiting.length > 0) {
      const some = waiting.splice(0, limits.pageReaders);
      try {
        const found = await listResumable(pool, some);
        for (const [n, arrival] of some.entries()) arrival.settle(found[n] as (typeof found)[number]);
      } catch (error) {
        for (const arrival of some) arrival.fail(error);
      }
    }
    asking = false;
  }

  return {
    async begin(userId, resume) {
      const { last_seq: last, kept } = await new Promise<{ last_seq: number; kept: boolean }>((settle, fail) => {
        waiting.push({ userId, after: resume ?? 0, settle, fail });
        if (asking) return;
        asking = true;
        void apart(ask);
      });
      return { last, ...resumePoint(last, resume, kept, limits.resumeEvents) };
    },
  };
}
