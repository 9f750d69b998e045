import { z } from 'zod';
import { FAILURES, type FailureCode } from '#workflows/failures.ts';

/** Shapes of answers, for routes' response schemas: what is not in the schema of an answer does not leave. */

/** `{ success: true, data }`. */
export function success<Data extends z.ZodType>(data: Data) {
  return z.object({ success: z.literal(true), data }).describe(data.description ?? 'What was asked for');
}

const page = z
  .object({
    limit: z.int().describe('The most entries this page could have'),
    next_cursor: z.string().nullable().describe('Send it as `cursor` for the next page; null on the last one'),
  })
  .meta({ id: 'Page', examples: [{ limit: 20, next_cursor: null }] });

/** What is asked for, as every route gives it. */
export function ok<Data>(data: Data): { success: true; data: Data } {
  return { success: true, data };
}

/** `{ success: true, data: [...], page: { limit, next_cursor } }`. */
export function list<Item extends z.ZodType>(item: Item) {
  return z
    .object({
      success: z.literal(true),
      data: z.array(item),
      page,
    })
    .describe('A page');
}

/**
 * What leaves as `schema` has it, and is documented as one of these, which have names and one field that tells them
 * apart. For what was written by older versions too: an answer is not refused because one of them would be today.
 */
export function documentedAs<Schema extends z.ZodType>(
  id: string,
  schema: Schema,
  variants: readonly z.ZodType[],
): Schema {
  return schema.meta({ id, 'x-one-of': variants.map((variant) => variant.meta()?.id) });
}

const CODES = Object.keys(FAILURES) as FailureCode[];

/** Failures that any route may answer. */
const EVERYWHERE: FailureCode[] = ['VALIDATION_FAILED', 'INTERNAL', 'UNAVAILABLE'];

/** A failure with one of these codes. */
function failureOf(codes: FailureCode[]) {
  return z
    .object({
      success: z.literal(false),
      message: z.string().describe('A sentence for people'),
      error_code: z.enum(codes),
      details: z
        .looseObject({
          fields: z
            .array(z.object({ field: z.string(), problem: z.string() }))
            .optional()
            .describe('Of VALIDATION_FAILED: what is wrong, field by field'),
        })
        .describe('What the sentence is about, by name'),
    })
    .describe(codes.map((code) => `\`${code}\`: ${FAILURES[code].meaning}`).join('\n\n'))
    .meta({
      examples: codes.map((code) => ({
        success: false,
        message: FAILURES[code].meaning,
        error_code: code,
        details: {},
      })),
    });
}

/**
 * A route's `response`: its successes by status, and beside the failures that every route has the ones named here,
 * gathered by their status.
 */
export function answers<const Successes extends Record<number, z.ZodType>>(
  successes: Successes,
  ...codes: FailureCode[]
): Successes {
  const wanted = CODES.filter((code) => EVERYWHERE.includes(code) || codes.includes(code));
  const failures = Object.fromEntries(
    [...new Set(wanted.map((code) => FAILURES[code].status))].map((status) => [
      status,
      failureOf(wanted.filter((code) => FAILURES[code].status === status)),
    ]),
  );
  return { ...failures, ...successes };
}
