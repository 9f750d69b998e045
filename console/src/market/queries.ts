import { infiniteQueryOptions } from '@tanstack/react-query';
import type { Session } from '../session/session.ts';

export type Kind = 'campaign' | 'bid';

/** What is posted in the market, campaigns and bids alike. */
export type Offer = {
  kind: Kind;
  id: string;
  postedBy: string;
  title: string;
  description: string;
  /** Decimal text, in rupees. */
  price: string;
  postedAt: string;
};

export const marketKey = (userId: string, kind: Kind) => [userId, 'market', kind];

const AT_ONCE = 20;
/** Others post without a word to us: the market is read anew this often while it is looked at, in ms. */
const READ_ANEW = 5_000;

/** Newest first, page by page. */
export function marketQuery(session: Session, kind: Kind) {
  return infiniteQueryOptions({
    queryKey: marketKey(session.user.id, kind),
    queryFn: ({ pageParam }) =>
      kind === 'campaign' ? readCampaigns(session, pageParam) : readBids(session, pageParam),
    initialPageParam: '',
    getNextPageParam: (page: Page) => page.next,
    refetchInterval: READ_ANEW,
  });
}

type Page = { offers: Offer[]; next: string | null };

const pageFrom = (cursor: string) => ({ limit: AT_ONCE, ...(cursor ? { cursor } : {}) });

async function readCampaigns({ tandem }: Session, cursor: string): Promise<Page> {
  const { data, page } = await tandem.campaigns.list(pageFrom(cursor));
  const offers = data.map(
    (each): Offer => ({
      kind: 'campaign',
      id: each.id,
      postedBy: each.brand_owner_id,
      title: each.title,
      description: each.description,
      price: each.budget,
      postedAt: each.created_at,
    }),
  );
  return { offers, next: page.next_cursor };
}

async function readBids({ tandem }: Session, cursor: string): Promise<Page> {
  const { data, page } = await tandem.bids.list(pageFrom(cursor));
  const offers = data.map(
    (each): Offer => ({
      kind: 'bid',
      id: each.id,
      postedBy: each.influencer_id,
      title: each.title,
      description: each.description,
      price: each.starting_price,
      postedAt: each.created_at,
    }),
  );
  return { offers, next: page.next_cursor };
}
