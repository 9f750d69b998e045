import type { Logger } from 'pino';
import { type Claimed, listPublications } from '#db/event/publications.ts';
import { claimReplay, type Range, setReplayed } from '#db/event/replays.ts';
import type { Pool } from '#db/pool.ts';
import type { Broker, Outcome } from './broker.ts';
import { messageOf } from './publisher.ts';
import { startTurns, type Turns } from './turns.ts';

const AT_ONCE = 500;
/** Whoever took one has so long for a page of it: more than the broker is given to confirm one message. */
const TAKEN_FOR_MS = 60_000;
const IDLE_MS = 1_000;
const AWAY_MS = 5_000;

type Place = { at: string; id: bigint } | null;
type Sent = { after: Place; sent: number; isMore: boolean; stopped: { outcome: Outcome; at: Claimed } | null };

/**
 * Sends a page of what happened in a range once more, in its order, into one queue and no other: past the exchange, marked
 * as a replay, with the ids it had. What goes out meanwhile is not touched. Stops at the first that the broker does not
 * take, or, where it is told to, in between.
 */
async function sendPage(
  { pool, broker, stopping }: { pool: Pool; broker: Broker; stopping?: AbortSignal },
  queue: string,
  range: Range,
  from: Place,
): Promise<Sent> {
  const replayedAt = new Date().toISOString();
  const deadline = Date.now() + TAKEN_FOR_MS / 2;
  const page = await listPublications(pool, { ...range, after: from, limit: AT_ONCE });
  let after = from;
  let sent = 0;
  for (const publication of page) {
    if (stopping?.aborted || Date.now() > deadline) return { after, sent, isMore: true, stopped: null };
    const message = messageOf(publication);
    const headers = { ...message.headers, 'x-replayed-at': replayedAt, 'x-routing-key': message.routingKey };
    // One after the other: a channel keeps their order, and whoever stops knows where.
    const outcome = await broker.send({ ...message, exchange: '', routingKey: queue, headers });
    if (outcome.kind !== 'taken') return { after, sent, isMore: true, stopped: { outcome, at: publication } };
    after = { at: publication.occurred_at, id: publication.id };
    sent += 1;
  }
  return { after, sent, isMore: page.length === AT_ONCE, stopped: null };
}

/** All of a range at once. Answers how many; throws where the broker did not take one, and says which. */
export async function replayInto(pool: Pool, broker: Broker, queue: string, range: Range): Promise<number> {
  await broker.ready();
  let after: Place = null;
  for (let sent = 0; ; ) {
    const page: Sent = await sendPage({ pool, broker }, queue, range, after);
    sent += page.sent;
    if (page.stopped) throw new Error(`${sayWhy(page.stopped)}, after ${sent} that were`);
    if (!page.isMore) return sent;
    after = page.after;
  }
}

function sayWhy({ outcome, at }: { outcome: Outcome; at: Claimed }): string {
  return `${at.key} was not taken (${outcome.kind}${outcome.kind === 'taken' ? '' : `: ${outcome.why}`})`;
}

/**
 * Carries out what operators ask for (`POST /api/admin/event-replays`), a page at a time: how far it is is kept, so that
 * another worker goes on where this one died, with a page sent twice at most. A broker that is away is waited for; a
 * queue that is not there, or does not take one, ends it.
 */
export function startReplaying(deps: { pool: Pool; broker: Broker; log: Logger; now: () => Date }): Turns {
  const { pool, broker, log, now } = deps;
  const iso = (inMs = 0) => new Date(now().getTime() + inMs).toISOString();
  const turns = startTurns(round, (error) => {
    log.debug({ err: error }, 'nothing can be replayed now');
    return AWAY_MS;
  });

  async function round(stopping: AbortSignal): Promise<number> {
    const claimed = await claimReplay(pool, { now: iso(), until: iso(TAKEN_FOR_MS) });
    if (!claimed) return IDLE_MS;
    const { id, queue, from, until, routing_key: routingKey, about, after_at, after_id } = claimed;
    const stay = { after: null, sent: 0, tryAfter: iso(AWAY_MS), endedAt: null };
    try {
      await broker.ready();
    } catch (error) {
      await setReplayed(pool, id, { ...stay, failure: `RabbitMQ is away: ${(error as Error).message}` });
      return AWAY_MS;
    }
    const place: Place = after_at === null || after_id === null ? null : { at: after_at, id: after_id };
    const page = await sendPage({ pool, broker, stopping }, queue, { from, until, routingKey, about }, place);
    const { after, sent, stopped } = page;
    const isAway = stopped?.outcome.kind === 'unknown';
    const hasEnded = !page.isMore || (stopped !== null && !isAway);
    await setReplayed(pool, id, {
      ...{ after, sent, failure: stopped && sayWhy(stopped) },
      tryAfter: iso(isAway ? AWAY_MS : 0),
      endedAt: hasEnded ? iso() : null,
    });
    if (hasEnded) log.info({ replay: id, queue, why: stopped && sayWhy(stopped) }, 'a replay has ended');
    return isAway ? AWAY_MS : 0;
  }

  return {
    async stop() {
      await turns.stop();
      await broker.close();
    },
  };
}
