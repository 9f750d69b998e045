import { stopBroadcast, tellNextPage } from '#db/notification/broadcasts.ts';
import type { DeviceRow } from '#db/notification/devices.ts';
import {
  type ClaimedPush,
  claimPush,
  findPushEvent,
  finishPush,
  listDuePushesOf,
  recordDelivery,
} from '#db/notification/pushes.ts';
import type { PushAnswer, PushMessage } from '#push/service.ts';
import type { BroadcastActivities } from '#workflows/notification/broadcastWorkflow.ts';
import { kindFacts } from '#workflows/notification/kinds.ts';
import { backOffMs } from '#workflows/notification/pushing.ts';
import type { PushActivities } from '#workflows/notification/workflow.ts';
import type { ActivityDeps, PushDeps } from './deps.ts';
import { refusing } from './refusing.ts';

/** Without keys nothing is pushed, and the log of each notification says so. */
const NOTHING: PushDeps = { services: {}, socketHasTaken: async () => false, ringUsers: () => {} };

/** Of one user's, in one look. */
const AT_ONCE = 100;
/**
 * So far ahead it looks: the relay's clock may be before the workflow's, which would find nothing due and end. What is
 * not due yet is not sent yet either.
 */
const AHEAD_MS = 1_000;

/** What the workflows of pushes and of announcements have done in the world. */
export function createNotificationActivities(deps: ActivityDeps): PushActivities & BroadcastActivities {
  const { pool, log } = deps;
  const { services, socketHasTaken, ringUsers } = deps.push ?? NOTHING;

  /** To one device; what came of it is written before anything else is done. */
  async function deliver(push: ClaimedPush, device: DeviceRow, now: string): Promise<PushAnswer | null> {
    const service = services[device.platform];
    const told = { pushId: push.id, device, now };
    if (!service) {
      await recordDelivery(pool, { ...told, outcome: 'not_configured', why: `${device.platform} has no keys here` });
      return null;
    }
    const answer = await service.send(device, messageOf(push, now));
    const outcome = answer.outcome === 'refused' ? 'failed' : answer.outcome;
    await recordDelivery(pool, { ...told, outcome, why: answer.why });
    return answer;
  }

  return {
    async listDuePushes({ userId, now }) {
      const until = new Date(Date.parse(now) + AHEAD_MS).toISOString();
      return [...(await listDuePushesOf(pool, userId, until, AT_ONCE))];
    },

    async pushNotification({ pushId, now }) {
      const event = await findPushEvent(pool, pushId);
      if (!event) return { later: null };
      const { userId, seq } = event;
      const socketHadIt = seq !== null && (await socketHasTaken(userId, seq));
      const claim = await claimPush(pool, { pushId, socketHadIt, now });
      // It may have been brought back into the list.
      ringUsers([userId]);
      if (!('push' in claim)) return claim;
      const { push } = claim;
      const answers = await Promise.all(push.to.map((device) => deliver(push, device, now)));
      const later = laterOf(push, answers, now);
      const reached = answers.some((answer) => answer?.outcome === 'sent');
      await finishPush(pool, { pushId, reached, later, now });
      const outcomes = answers.map((answer) => answer?.outcome ?? 'not_configured');
      log.info({ push_id: pushId, user_id: userId, outcomes, later }, 'pushed');
      return { later };
    },

    async tellPage({ broadcastId, pages, now }) {
      const { row, userIds } = await refusing(() => tellNextPage(pool, { broadcastId, pages, now }));
      ringUsers(userIds);
      const { told, total, pages: done } = row.terms;
      return { state: row.state, told, total, pages: done };
    },

    async stopBroadcast({ broadcastId, now }) {
      const { state, terms } = await refusing(() => stopBroadcast(pool, broadcastId, now));
      return { state, told: terms.told, total: terms.total };
    },
  };
}

/** When a push is looked at again: as soon as the first of its devices may have it. */
function laterOf(push: ClaimedPush, answers: readonly (PushAnswer | null)[], now: string): string | null {
  const waits = answers.flatMap((answer) => {
    if (answer?.outcome !== 'later') return [];
    const ms = answer.afterMs ?? backOffMs(push.attempts);
    return new Date(Date.parse(now) + Math.max(1_000, ms)).toISOString();
  });
  return [...waits, ...(push.quietUntil === null ? [] : [push.quietUntil])].sort()[0] ?? null;
}

function messageOf({ notification }: ClaimedPush, now: string): PushMessage {
  const { id, kind, object, title, body, data, count, created_at } = notification;
  const { livesMs, urgency } = kindFacts(kind);
  const age = Math.max(0, Date.parse(now) - Date.parse(created_at));
  return {
    title,
    body,
    data: {
      ...Object.fromEntries(
        Object.entries(data).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
      ),
      notification_id: id,
      kind,
      count: String(count),
      ...(object === '' ? {} : { target: object }),
    },
    collapseKey: object === '' ? id : `${kind}/${object}`,
    // What is snoozed is older than it is late; a minute is worth a try.
    ttlSeconds: Math.max(60, Math.round((livesMs - Math.min(age, livesMs)) / 1_000)),
    urgency,
  };
}
