import type { Logger } from 'pino';
import { Webhook } from 'standardwebhooks';
import type { Pool } from '#db/pool.ts';
import { type Secrets, SecretUnreadable } from '#db/secrets.ts';
import { openTask } from '#db/task/tasks.ts';
import { type Attempt, claimDeliveries, type Due, deliverPublications, setTried } from '#db/webhook/deliveries.ts';
import { disableEndpoint, noteArrival, noteFailure, openSecrets } from '#db/webhook/endpoints.ts';
import { bodyOf } from '#workflows/boost/body.ts';
import { createOutage } from './outage.ts';
import { startTurns, type Turns } from './turns.ts';
import { AddressRefused, findDestination } from './webhookAddress.ts';
import { post } from './webhookPost.ts';

/** After a try that failed, the next; after the last of these a delivery has failed. Some 27 hours. */
export const SCHEDULE_MS = [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000];
/** An endpoint at which nothing arrived for so long is not asked any more. */
const DISABLED_AFTER_MS = 120 * 3_600_000;
const AT_ONCE = 50;
/** Whoever took some has so long: more than they take. */
const TAKEN_FOR_MS = 60_000;
const IDLE_MS = 500;
const AWAY_MS = 2_000;
const GONE = 410;

/**
 * Sends customers what happened, signed as Standard Webhooks says: at least once, each message by an id of its own, in no
 * order that could be relied on. Several may run side by side.
 */
export function startWebhookSender(deps: {
  pool: Pool;
  secrets: Secrets;
  log: Logger;
  now: () => Date;
  /** Hosts that may be asked wherever they are, and by http. */
  allowedHosts: ReadonlySet<string>;
}): Turns {
  const { pool, secrets, log, now, allowedHosts } = deps;
  const iso = (inMs = 0) => new Date(now().getTime() + inMs).toISOString();
  const outage = createOutage(log, { begins: 'webhooks cannot be sent now', ends: 'webhooks are sent again' });
  async function round(): Promise<number> {
    const events = await deliverPublications(pool, bodyOf, iso());
    const due = await claimDeliveries(pool, { now: iso(), until: iso(TAKEN_FOR_MS), limit: AT_ONCE });
    outage.isOver();
    await Promise.all(due.map(sendOne));
    return events + due.length > 0 ? 0 : IDLE_MS;
  }

  async function sendOne(delivery: Due): Promise<void> {
    if (delivery.disabled) return setTried(pool, delivery.id, null, { status: 'dropped' }, iso());
    const attempt = await tryOne(delivery);
    const arrived = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
    const pause = SCHEDULE_MS[delivery.tries - 1];
    // In one transaction: what is known of a delivery, and of its endpoint.
    await pool.transaction(async (transaction) => {
      if (arrived) {
        await setTried(transaction, delivery.id, attempt, { status: 'arrived' }, iso());
        return noteArrival(transaction, delivery.endpoint_id);
      }
      const isOver = pause === undefined || attempt.status === GONE;
      const outcome = isOver ? ({ status: 'failed' } as const) : ({ status: 'waiting', again: iso(pause) } as const);
      await setTried(transaction, delivery.id, attempt, outcome, iso());
      const since = await noteFailure(transaction, delivery.endpoint_id, iso());
      const why =
        attempt.status === GONE ? 'gone' : Date.parse(since) <= now().getTime() - DISABLED_AFTER_MS ? 'failing' : null;
      if (why === null || !(await disableEndpoint(transaction, delivery.endpoint_id, why, iso()))) return;
      log.warn({ endpoint_id: delivery.endpoint_id, why }, 'a webhook endpoint was disabled');
      await openTask(transaction, {
        key: `webhook_disabled_${delivery.endpoint_id}`,
        kind: 'webhook_disabled',
        processId: null,
        details: { endpoint_id: delivery.endpoint_id, url: delivery.url, why, failing_since: since },
        now: iso(),
        anew: true,
      });
    });
  }

  async function tryOne(delivery: Due): Promise<Attempt> {
    const { url, body } = delivery;
    const at = now();
    const began = performance.now();
    let kept: Record<string, string> = {};
    const attempt = (status: number | null, answer: string | null, failure: string | null): Attempt => ({
      at: at.toISOString(),
      tookMs: Math.round(performance.now() - began),
      requestHeaders: kept,
      status,
      answer,
      failure,
    });
    try {
      const { ours, theirs } = headersOf(delivery, at);
      // Theirs may be secret: which there were is kept, and not what they said.
      kept = { ...Object.fromEntries(Object.keys(theirs).map((name) => [name, '(kept secret)'])), ...ours };
      const destination = await findDestination(url, allowedHosts);
      const { status, answer } = await post(destination, { ...theirs, ...ours }, body);
      return attempt(status, answer, null);
    } catch (error) {
      const { message } = error as Error;
      // Of ours to mend, and of this endpoint alone.
      if (error instanceof SecretUnreadable) log.error({ err: error }, 'what a webhook is signed with cannot be read');
      return attempt(null, null, error instanceof AddressRefused ? `refused: ${message}` : message.slice(0, 300));
    }
  }

  /** What is sent beside a message. SecretUnreadable where the endpoint's secrets cannot be opened. */
  function headersOf(delivery: Due, at: Date) {
    const { signing, headers } = openSecrets(secrets, delivery);
    const signatures = signing.map((each) => new Webhook(each).sign(delivery.message_id, at, delivery.body));
    const ours = {
      'content-type': 'application/json',
      'user-agent': 'Tandem-Webhooks/1',
      'webhook-id': delivery.message_id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': signatures.join(' '),
    };
    return { ours, theirs: headers };
  }

  return startTurns(round, (error) => {
    outage.goesOn(error);
    return AWAY_MS;
  });
}
