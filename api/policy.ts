import { durationMs } from '#workflows/durations.ts';
import { invalidField } from './failure.ts';

/** What the sides of a process agree on: ISO 8601 durations, and counts and percentages. */
type Policy = Record<string, string | number>;

/** What a client asked for over the defaults; VALIDATION_FAILED for a duration below the deployment's floor. */
export function takePolicy<P extends Policy>(
  defaults: P,
  asked: { [Key in keyof P]?: P[Key] | undefined } | undefined,
  floorSeconds: number,
): P {
  const given = Object.fromEntries(Object.entries(asked ?? {}).filter(([, value]) => value !== undefined));
  const policy: P = { ...defaults, ...given };
  for (const [key, value] of Object.entries(policy)) {
    if (typeof value === 'string' && (durationMs(value) ?? 0) < floorSeconds * 1_000) {
      throw invalidField(`policy.${key}`, `is shorter than the ${floorSeconds} s allowed here`);
    }
  }
  return policy;
}
