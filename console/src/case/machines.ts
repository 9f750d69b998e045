import { queryOptions } from '@tanstack/react-query';
import { openApi } from '../session/session.ts';

/** For everybody, and the same until the next release. */
export const machinesQuery = queryOptions({
  queryKey: ['machines'],
  queryFn: () => openApi.machines.list(),
  staleTime: Number.POSITIVE_INFINITY,
});
