import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { isOutage } from '#db/pool.ts';
import { ProviderRefused, ProviderUnavailable } from '#payments/provider.ts';
import { FAILURES, Failure, type FailureCode } from '#workflows/failures.ts';

export { type FailureBody, failureBody } from '#workflows/failures.ts';

/**
 * A field that is not as documented. `field` is its path, such as "policy.pay_within"; where a limit was passed, `unit`
 * says what it counts.
 */
export type FieldProblem = { field: string; problem: string; limit?: number; unit?: 'characters' | 'bytes' };

/** VALIDATION_FAILED for fields that a schema alone cannot judge. */
export function invalidField(field: string, problem: string): Failure {
  return invalidFields([{ field, problem }]);
}

function invalidFields(fields: FieldProblem[]): Failure {
  const [first] = fields;
  const others = fields.length > 1 ? ` (and ${fields.length - 1} more)` : '';
  const message = first ? `${first.field} ${first.problem}${others}.` : FAILURES.VALIDATION_FAILED.meaning;
  return new Failure('VALIDATION_FAILED', message, { details: { fields } });
}

/**
 * The one mapping from whatever was thrown to what a client is told. Nothing of an error that is not a Failure gets
 * into the answer: its text is for the log, as `cause`.
 */
export function toFailure(error: unknown, bodyLimit = BODY_LIMIT): Failure {
  if (error instanceof Failure) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const part = error.validationContext ?? 'body';
    return invalidFields(error.validation.flatMap((issue) => problems(issue, part)));
  }
  // Its code is that of a lost database connection; the framework has marked it as the client's.
  if (brokeOff(error)) return new Failure('VALIDATION_FAILED', 'The body broke off.', { cause: error });
  // Before the database: a line to a provider breaks by the same codes.
  if (error instanceof ProviderUnavailable) {
    return new Failure('UNAVAILABLE', 'The payment provider does not answer.', { retryAfter: 5, cause: error });
  }
  if (error instanceof ProviderRefused) {
    return new Failure('CONFLICT', 'The payment provider refuses this.', { cause: error });
  }
  if (isOutage(error)) return new Failure('UNAVAILABLE', 'The database is away.', { retryAfter: 1, cause: error });
  return (
    refusedByFramework(error, bodyLimit) ??
    new Failure('INTERNAL', 'Something went wrong on our side.', { cause: error })
  );
}

/** A client that left, or was cut off, before its body was whole. */
function brokeOff(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && error.statusCode === 400 && error.message === 'aborted';
}

type Issue = { keyword?: string; instancePath?: string; message?: string; params?: Record<string, unknown> };

/** Where the request is wrong, by its parts' public names. */
const PARTS: Record<string, string> = { body: 'body', querystring: 'query', params: 'path', headers: 'headers' };

function problems(issue: Issue, part: string): FieldProblem[] {
  const path = (issue.instancePath ?? '').split('/').filter((step) => step !== '');
  if (issue.keyword === 'unrecognized_keys') {
    const keys = (issue.params?.keys ?? []) as string[];
    return keys.map((key) => ({ field: [...path, key].join('.'), problem: 'is not a known field' }));
  }
  const field = path.join('.') || (PARTS[part] ?? part);
  const message = issue.message ?? '';
  // A required field that is left out arrives as undefined.
  if (/received undefined$/.test(message)) return [{ field, problem: 'is required' }];
  const { limit, unit } = (issue.params?.params ?? {}) as Pick<FieldProblem, 'limit' | 'unit'>;
  const passed = limit === undefined || unit === undefined ? {} : { limit, unit };
  return [{ field, problem: `is not valid: ${message.replace(/^Invalid input: /, '')}`, ...passed }];
}

/** Bytes that a body may have. */
export const BODY_LIMIT = 256 * 1024;

const BY_FRAMEWORK_CODE: Record<string, [FailureCode, string]> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['UNSUPPORTED_MEDIA_TYPE', 'Bodies are application/json.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['VALIDATION_FAILED', 'The body is empty.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['VALIDATION_FAILED', 'The body is not valid JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['VALIDATION_FAILED', 'The body is not as long as Content-Length says.'],
  FST_ERR_BAD_URL: ['VALIDATION_FAILED', 'The path is not a valid URL path.'],
  FST_ERR_NOT_FOUND: ['NOT_FOUND', 'There is no such route.'],
};

const BY_STATUS: Record<number, [FailureCode, string]> = {
  401: ['UNAUTHENTICATED', 'No valid access token.'],
  403: ['FORBIDDEN', 'This may not be done.'],
  404: ['NOT_FOUND', 'There is no such route.'],
  413: ['PAYLOAD_TOO_LARGE', 'The request is too large.'],
  415: ['UNSUPPORTED_MEDIA_TYPE', 'Bodies are application/json.'],
  429: ['RATE_LIMITED', 'Too many requests.'],
};

function refusedByFramework(error: unknown, bodyLimit: number): Failure | null {
  if (!(error instanceof Error) || isResponseSerializationError(error as Error & { cause: never })) return null;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new Failure('PAYLOAD_TOO_LARGE', `The body is larger than ${bodyLimit / 1024} KiB.`, {
      details: { limit: bodyLimit, unit: 'bytes' },
      cause: error,
    });
  }
  const known = typeof code === 'string' ? BY_FRAMEWORK_CODE[code] : undefined;
  if (known) return new Failure(...known, { cause: error });
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode >= 500) return null;
  const [failureCode, message] = BY_STATUS[statusCode] ?? ['VALIDATION_FAILED', 'The request is not valid.'];
  return new Failure(failureCode, message, { cause: error });
}
