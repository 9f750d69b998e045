import { useQuery } from '@tanstack/react-query';
import { dataOf } from '../client/answer.ts';
import type { Session } from '../session/session.ts';
import type { Conversation } from './queries.ts';

/** What a deal is about: the title of its campaign or bid. */
export function useTitle(
  { api, user }: Session,
  { kind, campaign_id, bid_id }: Pick<Conversation, 'kind' | 'campaign_id' | 'bid_id'>,
): string {
  const id = campaign_id ?? bid_id;
  const { data } = useQuery({
    queryKey: [user.id, 'subject', id],
    enabled: id !== null,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      const params = { path: { id: id ?? '' } };
      const subject = campaign_id
        ? await dataOf(api.GET('/api/campaigns/{id}', { params }))
        : await dataOf(api.GET('/api/bids/{id}', { params }));
      return subject.title;
    },
  });
  if (kind === 'direct') return 'Direct conversation';
  return data ?? (kind === 'campaign' ? 'Campaign' : 'Bid');
}
