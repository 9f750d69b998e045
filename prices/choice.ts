/** Which of several prices is taken. */
import type { Quote } from './feed.ts';

export type Sourced = Quote & { source: string };

/** A price that is so far from the middle of three or more is none. */
const STRAYS = 0.05;
/** Nobody is believed alone that a price is so many times what it last was, or such a part of it. */
const LEAP = 3;

/**
 * One price of several feeds', in their order of preference. Where three or more say one, what strays from the median is
 * left out, and of what is left the most preferred is taken. Fewer are measured by the price that was last known, while it
 * is known: one alone is not believed a leap, two are where they agree. Null where nothing is to be believed.
 */
export function choosePrice(quotes: readonly Sourced[], last: string | null): Sourced | null {
  const near = (one: number, other: number, share: number) => Math.abs(one - other) <= share * other;
  if (quotes.length >= 3) {
    const sorted = quotes.map(({ price }) => Number(price)).sort((one, other) => one - other);
    const median = sorted[sorted.length >> 1] as number;
    return quotes.find(({ price }) => near(Number(price), median, STRAYS)) ?? null;
  }
  const [first, second] = quotes;
  if (!first) return null;
  if (second && near(Number(first.price), Number(second.price), STRAYS)) return first;
  if (last === null) return second ? null : first;
  const leaps = ({ price }: Sourced) => Number(price) > Number(last) * LEAP || Number(price) < Number(last) / LEAP;
  const believed = quotes.filter((quote) => !leaps(quote));
  const away = ({ price }: Sourced) => Math.abs(Math.log(Number(price) / Number(last)));
  return believed.sort((one, other) => away(one) - away(other))[0] ?? null;
}
