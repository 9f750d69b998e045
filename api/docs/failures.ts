import { z } from 'zod';
import { FAILURES, type FailureCode } from '#workflows/failures.ts';
import { pascal } from './operations.ts';
import type { Json } from './schemas.ts';

/** A failure as a client reads it: one schema a code, told apart by `error_code`, each with the details it has. */

const retry_after = z.int().describe('Seconds, as in Retry-After');

const fields = z.array(
  z.looseObject({
    field: z.string().describe('Its path, such as `policy.pay_within`'),
    problem: z.string(),
    limit: z.int().optional().describe('The limit that was passed'),
    unit: z
      .enum(['characters', 'bytes'])
      .optional()
      .describe('What it counts; characters as a reader does (graphemes)'),
  }),
);

/** What `details` has, beyond what it may have. Codes that are not here promise nothing. */
const DETAILS: Partial<Record<FailureCode, { shape: z.ZodRawShape; example: Json }>> = {
  VALIDATION_FAILED: {
    shape: { fields: fields.optional().describe('What is wrong, field by field') },
    example: { fields: [{ field: 'title', problem: 'is required' }] },
  },
  UNAUTHENTICATED: {
    shape: { reason: z.literal('expired').optional().describe('The access token has expired: refresh it') },
    example: { reason: 'expired' },
  },
  FORBIDDEN: {
    shape: { required_role: z.string().optional().describe('The role that this is for') },
    example: { required_role: 'brand_owner' },
  },
  FLOW_STATE_INVALID: {
    shape: {
      current_state: z.string().optional(),
      required_state: z.union([z.string(), z.array(z.string())]).optional(),
    },
    example: { current_state: 'payment_pending', required_state: 'work_submitted' },
  },
  OFFER_STALE: {
    shape: {
      standing_price_minor: z.string().optional().describe('The price that stands, in minor units'),
      sent_price_minor: z.string().optional(),
    },
    example: { standing_price_minor: '500000', sent_price_minor: '450000' },
  },
  PAYLOAD_TOO_LARGE: {
    shape: { limit: z.int().optional(), unit: z.literal('bytes').optional() },
    example: { limit: 262_144, unit: 'bytes' },
  },
  HEADERS_TOO_LARGE: {
    shape: { limit: z.int().optional(), unit: z.literal('bytes').optional() },
    example: { limit: 16_384, unit: 'bytes' },
  },
  RATE_LIMITED: { shape: { retry_after: retry_after.optional() }, example: { retry_after: 60 } },
  UNAVAILABLE: {
    shape: {
      missing: z.array(z.string()).optional().describe('Of /readyz: the parts that cannot be done without'),
      degraded: z.array(z.string()).optional().describe('Of /readyz: the parts that can'),
    },
    example: {},
  },
};

export const failureName = (code: FailureCode): string => `${pascal(code)}Failure`;

export function failureSchema(code: FailureCode): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(
    z
      .looseObject({
        success: z.literal(false),
        message: z.string().describe('A sentence for people'),
        error_code: z.literal(code),
        details: z.looseObject(DETAILS[code]?.shape ?? {}).describe('What the sentence is about, by name'),
      })
      .describe(FAILURES[code].meaning),
  );
  return schema as Json;
}

export function failureExample(code: FailureCode): Json {
  return { success: false, message: FAILURES[code].meaning, error_code: code, details: DETAILS[code]?.example ?? {} };
}
