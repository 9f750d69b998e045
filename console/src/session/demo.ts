import { useQuery } from '@tanstack/react-query';
import { dataOf } from '../client/answer.ts';
import { openApi } from './session.ts';

/** Accounts this deployment offers for trying it out; none where it was not set up for that. */
export function useDemo() {
  return useQuery({
    queryKey: ['demo'],
    queryFn: () => dataOf(openApi.GET('/api/demo')),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
