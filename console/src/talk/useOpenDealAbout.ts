import { useQuery } from '@tanstack/react-query';
import type { Session } from '../session/session.ts';
import { conversationsQuery } from './queries.ts';

/** The deal that somebody has open about a campaign or a bid, of those changed last; null where there is none. */
export function useOpenDealAbout(session: Session, offerId: string): string | null {
  const { data } = useQuery(conversationsQuery(session));
  const open = data?.find(
    ({ campaign_id, bid_id, chat_status }) =>
      (campaign_id === offerId || bid_id === offerId) && chat_status !== 'closed',
  );
  return open?.id ?? null;
}
