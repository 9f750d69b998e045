import type { Kind } from '#workflows/kinds.ts';
import { battleOpening } from './battle/opening.ts';
import { challengeOpening } from './challenge/opening.ts';
import { pollOpening } from './poll/opening.ts';
import type { Executor, Pool, Transaction } from './pool.ts';
import { decidePrepared } from './process/prepared.ts';
import { lockProcess } from './process/processes.ts';
import { appendOwnStep, expireIfDue } from './process/step.ts';
import type { Origin, StoredProcess } from './process/stored.ts';
import { settle, tellEnded } from './stream/hearing.ts';
import { listLeftOpen, listUnsettled, type Opening, type OpeningKind, type Word } from './stream/openings.ts';

/** The kinds of process that are opened in streams and end with them. */
const OPENINGS: Partial<Record<Kind, OpeningKind>> = {
  battle: battleOpening,
  challenge: challengeOpening,
  poll: pollOpening,
};

/** A state that a deadline leads to may end at once as well; more than so many in a row is a defect. */
const MOST_EXPIRIES = 5;

/**
 * Ends what is still open in streams that are over. Those that made a step, for their workflows to be told. Several
 * processes do no harm: each is decided on under its lock. One that fails keeps none of the others open, and is thrown
 * after them.
 */
export async function closeLeftOpen(pool: Pool, origin: Origin, limit: number): Promise<readonly string[]> {
  const closed: string[] = [];
  const failures: unknown[] = [];
  for (const opening of await listLeftOpen(pool, limit)) {
    try {
      if (await pool.transaction((transaction) => closeOne(transaction, opening, origin)))
        closed.push(opening.process_id);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'not everything could be closed with its stream');
  return closed;
}

/** What falls due is done first and afterwards: what was over before its stream is not ended by it. */
async function closeOne(transaction: Transaction, { process_id, kind }: Opening, origin: Origin): Promise<boolean> {
  const on = OPENINGS[kind]?.closesBy;
  if (on === undefined) return false;
  const { stored, expired } = await lockExpired(transaction, process_id, origin);
  if (!stored) return false;
  const command = { on, by: 'system' as const, actor: null, data: {} };
  const decision = await decidePrepared(transaction, stored, command, origin);
  if (!('step' in decision)) return expired;
  await appendOwnStep(transaction, stored, { ...command, data: decision.step.data }, origin);
  await lockExpired(transaction, process_id, origin);
  return true;
}

/** Locked, after whatever has fallen due. */
async function lockExpired(
  transaction: Transaction,
  id: string,
  origin: Origin,
): Promise<{ stored: StoredProcess | null; expired: boolean }> {
  let stored = await lockProcess(transaction, id);
  for (let expiries = 0; stored !== null && expiries < MOST_EXPIRIES; expiries += 1) {
    if (!(await expireIfDue(transaction, stored, origin))) return { stored, expired: expiries > 0 };
    stored = await lockProcess(transaction, id);
  }
  return { stored, expired: true };
}

/** How everything that is open in streams stands, where that has changed since it was last taken. */
export async function takeStandings(executor: Executor, now: string, limit: number): Promise<readonly Word[]> {
  const words: Word[] = [];
  for (const { takeStandings: take } of Object.values(OPENINGS)) words.push(...(await take(executor, now, limit)));
  return words;
}

/** Tells those who heard of something's beginning that it is over. */
export async function tellLastWords(pool: Pool, now: string, limit: number): Promise<void> {
  for (const { process_id: processId, kind } of await listUnsettled(pool, limit)) {
    const word = (await OPENINGS[kind]?.lastWordOf(pool, processId)) ?? null;
    for (let more = word !== null; more && word !== null; ) {
      more = await pool.transaction((transaction) => tellEnded(transaction, processId, word));
    }
    await settle(pool, processId, now);
  }
}
