import { type Deed, fade, weightOf } from './feedback.ts';

/** One thing that somebody did, with something that may be recommended or with what it is about. */
export type Signal = {
  deed: Deed;
  /** Of `watched`, 0 to 1. */
  part: number;
  /** ms. */
  at: number;
  /** What it was done with; null where it is about a label alone, as following a creator is about all of theirs. */
  itemId: string | null;
  labels: readonly string[];
};

/** What somebody likes, by how much they did. */
export type Taste = {
  /** By the item's id. `labels`: for items that a model does not have. */
  items: ReadonlyMap<string, { weight: number; labels: readonly string[] }>;
  /** Of signals that are about no item. */
  labels: ReadonlyMap<string, number>;
};

/** The taste that these signals show at an instant. What says nothing leaves nothing. */
export function tasteOf(signals: readonly Signal[], now: number): Taste {
  const items = new Map<string, { weight: number; labels: readonly string[] }>();
  const labels = new Map<string, number>();
  for (const { deed, part, at, itemId, labels: about } of signals) {
    const weight = weightOf(deed, part) * fade(now - at);
    if (weight === 0) continue;
    if (itemId === null) for (const label of about) labels.set(label, (labels.get(label) ?? 0) + weight);
    else items.set(itemId, { weight: weight + (items.get(itemId)?.weight ?? 0), labels: about });
  }
  return { items, labels };
}

/** Whether anything is known of one. */
export function isKnown({ items, labels }: Taste): boolean {
  return items.size > 0 || labels.size > 0;
}
