import { isStorable } from '#db/storable.ts';
import type { Failure } from '#workflows/failures.ts';
import { invalidField } from './failure.ts';

/** Escapes that may stand for what Postgres keeps in no text: U+0000, or one half of a surrogate pair. */
const SUSPECT = /\\u(?:0000|d[89a-f])/i;

/**
 * VALIDATION_FAILED naming the field of a JSON body that has a text nobody can store, or null. Without this it would
 * be a failure of ours, deep inside a transaction. Bodies without such an escape, nearly all, cost one scan.
 */
export function notStorable(json: string, value: unknown): Failure | null {
  if (!SUSPECT.test(json) && !json.includes('\u0000')) return null;
  // By hand and not by recursion: a body may be nested a hundred thousand deep.
  const left: { path: string; value: unknown }[] = [{ path: '', value }];
  for (let next = left.pop(); next; next = left.pop()) {
    const { path, value: at } = next;
    if (typeof at === 'string' && !isStorable(at)) {
      return invalidField(path || 'body', NOT_STORABLE);
    }
    if (typeof at !== 'object' || at === null) continue;
    for (const [name, part] of Object.entries(at)) {
      if (!isStorable(name)) return invalidField(path || 'body', 'has a field whose name is not text');
      // Longer paths name nothing that a route knows.
      left.push({ path: path === '' || path.length > 200 ? name : `${path}.${name}`, value: part });
    }
  }
  return null;
}

/** The same of what a URL brings: the parameters of its path, or its query, where one may come repeatedly. */
export function notStorableIn(parts: unknown): Failure | null {
  for (const [name, value] of Object.entries(parts ?? {})) {
    if ([value].flat().some((text) => typeof text === 'string' && !isStorable(text))) {
      return invalidField(name, NOT_STORABLE);
    }
  }
  return null;
}

export const NOT_STORABLE = 'is not valid: it has U+0000 or half a character';
