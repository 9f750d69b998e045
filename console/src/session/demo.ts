import { useQuery } from '@tanstack/react-query';
import { openApi } from './session.ts';

/** Accounts this deployment offers for trying it out; none where it was not set up for that. */
export function useDemo() {
  return useQuery({
    queryKey: ['demo'],
    queryFn: () => openApi.demoAccounts.list(),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
