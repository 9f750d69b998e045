/**
 * The one catalogue of failures: what a client is told, with which status, and whether trying again can help.
 * The documentation table and every `{ success: false }` answer are made from it.
 */
export const FAILURES = {
  VALIDATION_FAILED: {
    status: 400,
    retry: false,
    meaning: 'The request is not of the documented shape; details names the fields.',
  },
  UNAUTHENTICATED: { status: 401, retry: false, meaning: 'No valid access token, or wrong credentials.' },
  FORBIDDEN: { status: 403, retry: false, meaning: 'The caller is known but may not do this.' },
  NOT_FOUND: { status: 404, retry: false, meaning: 'No such thing, or none that the caller may know of.' },
  CONFLICT: { status: 409, retry: false, meaning: 'It exists already, or something in its way does.' },
  FLOW_STATE_INVALID: {
    status: 409,
    retry: false,
    meaning: 'The deal is in another state; details has current_state and required_state.',
  },
  OFFER_STALE: {
    status: 409,
    retry: false,
    meaning: 'The price sent is not the offer that stands; details has the standing one.',
  },
  LIMIT_REACHED: {
    status: 409,
    retry: false,
    meaning:
      'A limit of the policy (revisions, rounds, statements), or of what is open at once, is used up; details names it.',
  },
  INSUFFICIENT_FUNDS: { status: 409, retry: false, meaning: 'The account does not hold this amount.' },
  PAYLOAD_TOO_LARGE: { status: 413, retry: false, meaning: 'The body or frame is larger than the documented limit.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retry: false, meaning: 'Bodies are application/json.' },
  IDEMPOTENCY_MISMATCH: { status: 422, retry: false, meaning: 'This Idempotency-Key was used with another body.' },
  RATE_LIMITED: { status: 429, retry: true, meaning: 'Too many attempts; Retry-After says when to come back.' },
  HEADERS_TOO_LARGE: { status: 431, retry: false, meaning: 'The head of the request is larger than 16 KiB.' },
  INTERNAL: { status: 500, retry: true, meaning: 'Our fault; it was logged under the correlation id.' },
  UNAVAILABLE: {
    status: 503,
    retry: true,
    meaning: 'A part we depend on is down; Retry-After says when to come back.',
  },
} as const satisfies Record<string, { status: number; retry: boolean; meaning: string }>;

export type FailureCode = keyof typeof FAILURES;

/** A refusal with a public sentence. `cause` and `internal` are for the log and never leave the process. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly details: Record<string, unknown>;
  /** Seconds, for Retry-After. */
  readonly retryAfter: number | undefined;

  constructor(
    code: FailureCode,
    message: string,
    options: { details?: Record<string, unknown>; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Failure';
    this.code = code;
    this.details = options.details ?? {};
    this.retryAfter = options.retryAfter;
  }

  get status(): number {
    return FAILURES[this.code].status;
  }
}

/** What a client is told when something is refused or goes wrong; the same everywhere. */
export type FailureBody = {
  success: false;
  message: string;
  error_code: FailureCode;
  details: Record<string, unknown>;
};

export function failureBody(failure: Failure): FailureBody {
  return { success: false, message: failure.message, error_code: failure.code, details: failure.details };
}
