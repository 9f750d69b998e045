/** What a notification says of those it is about. */
import { type Kind, kindFacts } from './kinds.ts';

/** Who did it: `people` in all, the first few of them by name. */
export type Folded = { people: number; names: readonly string[] };

/** How many are named. */
export const NAMED = 3;

/** "ana", "ana and ben", "3 people". */
export function whoDid({ people, names }: Folded): string {
  const [first = 'Somebody', second] = names;
  if (people > 2 || (people === 2 && second === undefined)) return `${people} people`;
  return people === 2 ? `${first} and ${second}` : first;
}

/** "ana, ben and cleo", "ana, ben, cleo and 4 others". */
export function named({ people, names }: Folded): string {
  const shown = names.slice(0, NAMED);
  const rest = people - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} ${rest === 1 ? 'other' : 'others'}`;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** Title and body of a kind that is told by who did it; null where a kind brings its own words. */
export function wordsOf(kind: Kind, folded: Folded): { title: string; body: string } | null {
  const { did } = kindFacts(kind);
  if (did === null) return null;
  return { title: `${whoDid(folded)} ${did}`, body: folded.people > 2 ? named(folded) : '' };
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A text of at most so many of what a reader takes for a letter. */
export function cut(text: string, most: number): string {
  // A grapheme has one code unit or more, so a short text is not taken apart.
  if (text.length <= most) return text;
  let end = 0;
  let many = 0;
  for (const { index, segment } of graphemes.segment(text)) {
    many += 1;
    if (many === most) end = index;
    if (many > most) return `${text.slice(0, end)}…`;
    if (many < most) end = index + segment.length;
  }
  return text;
}
