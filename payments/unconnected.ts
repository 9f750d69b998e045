/** What sockets say when no connection came about: the request cannot have reached anybody. */
const UNCONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Whether a failed call never left: then its outcome is "not done". Anything else (a timeout, a reset, half an answer)
 * may have been carried out. Looks through causes, and through the several addresses of one host.
 */
export function isUnconnected(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(isUnconnected);
  if ('code' in error && typeof error.code === 'string') return UNCONNECTED.has(error.code);
  return isUnconnected(error.cause);
}
