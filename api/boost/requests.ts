import { z } from 'zod';
import { lastsMs, MAX_AMOUNT, MAX_LASTS_MS, MIN_LASTS_MS } from '#workflows/boost/score.ts';
import type { BoostOpening, Target } from '#workflows/boost/terms.ts';
import { invalidField } from '../failure.ts';
import { dryRunBody } from '../money/posting.ts';

/** Credits have no smaller part: whole numbers, as B's frontends send them. */
export const creditsRequest = z.int().min(1).max(MAX_AMOUNT).describe(`Credits, 1 to ${MAX_AMOUNT}`);

const duration = z
  .number()
  .positive()
  .max(MAX_LASTS_MS / 3_600_000)
  .describe('Hours, with fractions; a second at least');

/** What each kind of target is called in the request that boosts one. */
const TARGET_FIELD = { profile: 'targetUserId', gig: 'targetGigId', clan: 'targetClanId' } as const;

const EXAMPLE = { amount: 100, duration: 24 };
const ID = '01970000-0000-7000-8000-000000000001';

export const boostRequests = {
  profile: z
    .strictObject({ targetUserId: z.uuid(), amount: creditsRequest, duration, dry_run: dryRunBody })
    .meta({ id: 'BoostProfile', examples: [{ targetUserId: ID, ...EXAMPLE }] }),
  gig: z
    .strictObject({ targetGigId: z.uuid(), amount: creditsRequest, duration, dry_run: dryRunBody })
    .meta({ id: 'BoostGig', examples: [{ targetGigId: ID, ...EXAMPLE }] }),
  clan: z
    .strictObject({ targetClanId: z.uuid(), amount: creditsRequest, duration, dry_run: dryRunBody })
    .meta({ id: 'BoostClan', examples: [{ targetClanId: ID, ...EXAMPLE }] }),
} as const satisfies Record<Target, z.ZodType>;

/** What a request to boost fixes. VALIDATION_FAILED for less than a second. */
export function takeOpening(target: Target, body: Record<string, unknown>): BoostOpening {
  const hours = body.duration as number;
  const lasts = lastsMs(hours);
  if (lasts < MIN_LASTS_MS) throw invalidField('duration', 'is shorter than a second');
  return { target, target_id: body[TARGET_FIELD[target]] as string, duration: hours, lasts };
}
