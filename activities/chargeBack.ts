import { claimDisputesToAsk, claimEvidence, endEvidence, listEvidenceDue } from '#db/chargeBack/evidence.ts';
import { followDisputes } from '#db/chargeBack/following.ts';
import { recoverLosses } from '#db/chargeBack/tending.ts';
import { storeWebhook } from '#db/payment/inbox.ts';
import { ProviderRefused, ProviderUnavailable } from '#payments/provider.ts';
import type { ProviderFact } from '#workflows/payment/fact.ts';
import type { ActivityDeps } from './deps.ts';

type Deps = Pick<ActivityDeps, 'pool' | 'provider' | 'systemUserId' | 'log'>;

const AT_ONCE = 50;

/**
 * What is done regularly for charge-backs: disputes that nobody followed are, evidence is handed in when its date has
 * come, banks that say nothing are asked, and what is owed is taken from what came in.
 */
export async function tendChargeBacks(deps: Deps, now: string): Promise<string> {
  const { pool, systemUserId } = deps;
  const origin = { now, systemUserId, correlationId: null };
  const followed = await followDisputes(pool, origin);
  const due = await listEvidenceDue(pool, now, AT_ONCE);
  for (const processId of due) await handIn(deps, processId, now);
  const asked = await claimDisputesToAsk(pool, now, AT_ONCE);
  for (const { provider, dispute_id } of asked) {
    const about = deps.provider(provider);
    if (about) await keeping(deps, () => about.findDispute(dispute_id), now);
  }
  const steps = await recoverLosses(pool, origin);
  return `${followed.length} followed, ${due.length} handed in, ${asked.length} asked about, ${steps} steps of recovery`;
}

async function handIn(deps: Deps, processId: string, now: string): Promise<void> {
  const origin = { now, systemUserId: deps.systemUserId, correlationId: null };
  const evidence = await claimEvidence(deps.pool, processId, origin);
  const provider = evidence && deps.provider(evidence.provider);
  if (!evidence || !provider) return;
  const { key, disputeId, text } = evidence;
  const files = evidence.files.map(({ name, media_type: mediaType, bytes }) => ({ name, mediaType, bytes }));
  const why = await keeping(deps, () => provider.submitEvidence({ key, disputeId, text, files }), now);
  // Nothing was heard: it is handed in again under its key.
  if (why === 'unheard') return;
  await endEvidence(deps.pool, processId, why === null ? { status: 'sent' } : { status: 'refused', why }, origin);
}

/** Keeps what a provider says of a dispute as its webhook would be. Why it would not, or `unheard`; null where it did. */
async function keeping(
  { pool, log }: Deps,
  ask: () => Promise<ProviderFact>,
  now: string,
): Promise<string | 'unheard' | null> {
  try {
    const fact = await ask();
    const { provider, disputeId, state } = fact;
    const eventId = `asked_${disputeId}_${state}`;
    const webhook = { provider, eventId, type: 'dispute.asked', facts: [fact], body: JSON.stringify(fact) };
    await storeWebhook(pool, { ...webhook, now: () => new Date(now) });
    return null;
  } catch (error) {
    if (error instanceof ProviderRefused) return error.message;
    if (!(error instanceof ProviderUnavailable)) throw error;
    log.warn({ err: error }, 'a provider could not be asked about a dispute');
    return 'unheard';
  }
}
