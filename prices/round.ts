import { PRICE_VALID_MS, priceName, type Quoted } from '#workflows/price/quoted.ts';
import { choosePrice, type Sourced } from './choice.ts';
import { FeedFailed, type PriceFeed } from './feed.ts';

/** After a failure a feed is left alone, twice as long each time, up to the most; as long as it says, where it says. */
const PAUSE_MS = { least: 5_000, most: 300_000 };

export type Round = {
  /** What coins cost now, of those that somebody knows and may be believed. `last` has what each cost, by its name. */
  ask(wanted: readonly Quoted[], last: ReadonlyMap<string, string>): Promise<Sourced[]>;
};

/**
 * Asks all feeds that are not left alone, side by side. The first is taken again as soon as it is well: nothing is
 * remembered of a failure but when to ask again.
 */
export function createRound(options: {
  feeds: readonly PriceFeed[];
  now: () => Date;
  failed?: (error: FeedFailed) => void;
}): Round {
  const { feeds, now, failed = () => {} } = options;
  const resting = new Map<string, { until: number; pause: number }>();

  async function askOne(feed: PriceFeed, wanted: readonly Quoted[]): Promise<Sourced[]> {
    const rest = resting.get(feed.name);
    if (rest && rest.until > now().getTime()) return [];
    try {
      const quotes = await feed.ask(wanted);
      resting.delete(feed.name);
      // What was true so long ago by the feed's own word is as none.
      const fresh = ({ at }: { at: string | null }) => at === null || Date.parse(at) > now().getTime() - PRICE_VALID_MS;
      return quotes.filter(fresh).map((quote) => ({ ...quote, source: feed.name }));
    } catch (error) {
      const failure = error instanceof FeedFailed ? error : new FeedFailed(feed.name, 'fails', { cause: error });
      const pause = Math.min(rest ? rest.pause * 2 : PAUSE_MS.least, PAUSE_MS.most);
      resting.set(feed.name, { pause, until: now().getTime() + (failure.retryAfterMs ?? pause) });
      failed(failure);
      return [];
    }
  }

  return {
    async ask(wanted, last) {
      const quotes = (await Promise.all(feeds.map((feed) => askOne(feed, wanted)))).flat();
      return wanted.map(priceName).flatMap((name) => {
        const chosen = choosePrice(
          quotes.filter((quote) => priceName(quote) === name),
          last.get(name) ?? null,
        );
        return chosen ? [chosen] : [];
      });
    },
  };
}
