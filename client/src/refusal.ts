/** What the API answered when it did not do what it was asked, or why it could not be asked. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** One of the API's codes; UNREACHABLE when there was no answer. */
  readonly code: string;
  /** HTTP status; 0 when there was no answer, and for commands over the socket. */
  readonly status: number;
  readonly details: Record<string, unknown>;

  constructor(message: string, code: string, status: number, details: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
  }

  /** Whether the same once more may go better: there was no answer, or a part was away, or it was too soon. */
  get passes(): boolean {
    return ['UNREACHABLE', 'UNAVAILABLE', 'RATE_LIMITED'].includes(this.code) || this.status >= 500;
  }

  /** What is wrong with one field of a form, in the API's words; null when it is not about that one. */
  problemOf(field: string): string | null {
    const { fields } = this.details;
    if (!Array.isArray(fields)) return null;
    const found = fields.find((each: { field?: string }) => each.field === field);
    return typeof found?.problem === 'string' ? found.problem : null;
  }
}

/** Any error as a refusal, so that a page has one thing to show. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal(
    'The API cannot be reached. Nothing was lost: it is safe to try again.',
    'UNREACHABLE',
    0,
    error instanceof Error ? { reason: error.message } : {},
  );
}

type Failure = { message?: string; error_code?: string; details?: Record<string, unknown> };

/** A failure's body as a refusal, whatever the body is. */
export function refusalFrom(body: unknown, status: number): Refusal {
  const { message, error_code, details } = (typeof body === 'object' && body !== null ? body : {}) as Failure;
  if (message && error_code) return new Refusal(message, error_code, status, details);
  return new Refusal(`The API answered ${status} without saying why.`, 'UNREADABLE', status);
}
