import type { Logger } from 'pino';
import { type Claimed, claimPublications, setPublished, setUnpublished } from '#db/event/publications.ts';
import type { Pool } from '#db/pool.ts';
import { closeTask, openTask } from '#db/task/tasks.ts';
import { bodyOf } from '#workflows/boost/body.ts';
import type { Broker, Dispatch, Outcome } from './broker.ts';
import { cloudEventHeaders } from './cloudEvent.ts';
import { createOutage } from './outage.ts';
import { startTurns, type Turns } from './turns.ts';

/** At once, each about something else: of one and the same, the next goes when this one is confirmed. */
const AT_ONCE = 200;
/** Whoever took some has so long: more than the broker is given to confirm them. */
const TAKEN_FOR_MS = 30_000;
const IDLE_MS = 250;
const AWAY_MS = 1_000;
/** What the broker said no to is tried again after so long, by how often it was tried; the last one for ever. */
const AGAIN_AFTER_MS = [1_000, 5_000, 30_000, 300_000];
/** A broker that refuses may be full for a moment; after so many tries an operator looks. */
const TRIES_BEFORE_TASK = 4;

/**
 * Publishes the second outbox to RabbitMQ: at least once, in order for each thing that events are about. A message that
 * is not taken holds up what comes after it about the same thing, and nothing else. Several may run side by side.
 */
export function startPublisher(deps: { pool: Pool; broker: Broker; log: Logger; now: () => Date }): Turns {
  const { pool, broker, log, now } = deps;
  const iso = (inMs = 0) => new Date(now().getTime() + inMs).toISOString();
  const outage = createOutage(log, {
    begins: 'nothing can be published now: what happens waits in Postgres',
    ends: 'events are published again',
  });
  const turns = startTurns(round, (error) => {
    outage.goesOn(error);
    return AWAY_MS;
  });

  /** Publishes what there is, and answers how long to wait for more. */
  async function round(): Promise<number> {
    await broker.ready();
    const claimed = await claimPublications(pool, { now: iso(), until: iso(TAKEN_FOR_MS), limit: AT_ONCE });
    outage.isOver();
    if (claimed.length === 0) return IDLE_MS;
    const taken: bigint[] = [];
    let isAway = false;
    await Promise.all(
      claimed.map(async (claim) => {
        const outcome = await publishOne(claim);
        if (outcome.kind === 'taken') taken.push(claim.id);
        else {
          isAway ||= outcome.kind === 'unknown';
          await putBack(claim, outcome);
        }
      }),
    );
    await setPublished(pool, taken, iso());
    for (const { key } of claimed.filter(({ id, tries }) => tries > 1 && taken.includes(id))) {
      await closeTask(pool, taskKey(key), { outcome: 'published' }, null, iso());
    }
    return isAway ? AWAY_MS : 0;
  }

  async function publishOne(claim: Claimed): Promise<Outcome> {
    let message: Dispatch;
    try {
      message = messageOf(claim);
    } catch (error) {
      return { kind: 'refused', why: `it has not the form that its type has: ${(error as Error).message}` };
    }
    return broker.send(message);
  }

  async function putBack({ id, key, about, tries, routing_key }: Claimed, outcome: Outcome): Promise<void> {
    if (outcome.kind === 'taken') return;
    const { kind, why } = outcome;
    // Nothing is wrong with the message where the broker is away: it goes as soon as that is back.
    const pause = kind === 'unknown' ? AWAY_MS : (AGAIN_AFTER_MS[tries - 1] ?? (AGAIN_AFTER_MS.at(-1) as number));
    await setUnpublished(pool, id, `${kind}: ${why}`, iso(pause));
    if (kind === 'unknown' || (kind === 'refused' && tries < TRIES_BEFORE_TASK)) return;
    log.warn({ message_id: key, about, why }, 'an event for other services cannot be delivered');
    await openTask(pool, {
      key: taskKey(key),
      kind: 'undeliverable',
      processId: null,
      details: { message_id: key, about, routing_key, why: `${kind}: ${why.slice(0, 300)}` },
      now: iso(),
    });
  }

  return {
    async stop() {
      await turns.stop();
      await broker.close();
    },
  };
}

const taskKey = (messageId: string): string => `undeliverable_${messageId}`;

/** A publication as it goes to the broker. Throws for an event that has not the form that its type has. */
export function messageOf({ exchange, routing_key, key, about, event }: Claimed): Dispatch {
  return {
    exchange,
    routingKey: routing_key,
    messageId: key,
    type: event.type,
    headers: cloudEventHeaders(event, about),
    body: bodyOf(event),
    at: event.timestamp,
  };
}
