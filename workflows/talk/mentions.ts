/** Of one message, how many are told that it names them. */
export const MENTIONS = 10;

/** After what is no part of a name or an address: "(@asha)" names somebody, "asha@example.com" nobody. */
const NAMED = /(?<![\p{L}\p{N}_.@/-])@([A-Za-z0-9_.-]{2,40})/gu;

/**
 * Handles that a text names by `@`, in lower case and each once, in their order and at most `MENTIONS`. What ends a
 * sentence is left off where it may end a handle too: "@asha." and "@asha" are one.
 */
export function mentionsIn(text: string): string[] {
  const named = [...text.matchAll(NAMED)].map(([, handle = '']) => handle.replace(/[.-]+$/, '').toLowerCase());
  return [...new Set(named.filter((handle) => handle.length >= 2))].slice(0, MENTIONS);
}
