/**
 * A key for one thing that is to be done: made when it is asked for and sent again with every repetition, so that a lost
 * answer is asked for and nothing is done twice. Not `crypto.randomUUID`, which is missing on a page without TLS.
 */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
