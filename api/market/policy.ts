import { DEFAULT_POLICY, DURATION_KEYS, durationMs, type Policy } from '#workflows/collaboration/policy.ts';
import { invalidField } from '../failure.ts';

/** What a client asked for over the defaults; VALIDATION_FAILED for a deadline below the deployment's floor. */
export function takePolicy(asked: Partial<Policy> | undefined, floorSeconds: number): Policy {
  const given = Object.fromEntries(Object.entries(asked ?? {}).filter(([, value]) => value !== undefined));
  const policy: Policy = { ...DEFAULT_POLICY, ...given };
  for (const key of DURATION_KEYS) {
    if ((durationMs(policy[key]) ?? 0) < floorSeconds * 1_000) {
      throw invalidField(`policy.${key}`, `is shorter than the ${floorSeconds} s allowed here`);
    }
  }
  return policy;
}
