/** People's texts: how long one is to those who read it, and whether there is anything to read. */

let segmenter: Intl.Segmenter | null = null;

function graphemesIn(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** How many characters a reader sees: a family emoji is one, whatever it takes to write it. */
export function graphemesOf(text: string): number {
  let count = 0;
  for (const _ of graphemesIn(text)) count += 1;
  return count;
}

/** Whether a text has more characters than `max`; no longer at it than that takes, however long the text is. */
export function isLongerThan(text: string, max: number): boolean {
  if (text.length <= max) return false;
  let count = 0;
  for (const _ of graphemesIn(text)) {
    count += 1;
    if (count > max) return true;
  }
  return false;
}

/** Spaces, marks of direction, joiners and the like: nothing that leaves a trace on a page. U+2800 is the empty braille cell. */
const SHOWN = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u2800]/u;

/** Whether a reader would see nothing, as of zero-width characters alone. */
export function showsNothing(text: string): boolean {
  return !SHOWN.test(text);
}

/** The first `max` characters of a text. No character is cut in two, and no pair of surrogates. */
export function cutTo(text: string, max: number): string {
  if (text.length <= max) return wellFormed(text);
  let count = 0;
  for (const { index } of graphemesIn(text)) {
    if (count === max) return wellFormed(text.slice(0, index));
    count += 1;
  }
  return wellFormed(text);
}

/** Whether Postgres can keep it as it is: no U+0000, and no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}

function wellFormed(text: string): string {
  return text.toWellFormed();
}

/** "accept_price" → "Accept price". */
export function asSentence(name: string): string {
  const text = name.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Links that somebody wrote into a text, each once. */
export function linksIn(text: string | null): string[] {
  return [...new Set((text ?? '').match(/https?:\/\/[^\s<>"]+/g) ?? [])];
}
