import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { Refusal } from 'tandem-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { refetchInterval, retry } from './again.ts';

/** Nothing is read again by itself where there is no page. */
vi.hoisted(() => vi.stubGlobal('window', {}));

const MINUTE = 60_000;

let queries: QueryClient;
beforeEach(() => {
  vi.useFakeTimers();
  queries = new QueryClient({ defaultOptions: { queries: { retry, refetchInterval } } });
});
afterEach(() => {
  queries.clear();
  vi.useRealTimers();
});

/** Reads that go as they are told; undefined is one that goes well. */
function reading(...goes: (Error | undefined)[]) {
  let reads = 0;
  const observer = new QueryObserver(queries, {
    queryKey: ['something'],
    queryFn: async () => {
      const error = goes[reads++];
      if (error) throw error;
      return 'read';
    },
  });
  observer.subscribe(() => {});
  return { reads: () => reads, shown: () => observer.getCurrentResult() };
}

const away = new Refusal('It is away.', 'UNAVAILABLE', 503);

test('a read that failed is read again until it goes well, and then no more', async () => {
  const { reads, shown } = reading(away, away, away, new Error('a lost line'));
  await vi.advanceTimersByTimeAsync(4_000);
  expect(shown().error).toBe(away);
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(shown()).toMatchObject({ data: 'read', error: null });
  expect(reads()).toBe(5);
});

test('what is shown stays while reading it anew fails', async () => {
  const { shown } = reading(undefined, away, away, away);
  await vi.advanceTimersByTimeAsync(0);
  void queries.invalidateQueries();
  await vi.advanceTimersByTimeAsync(4_000);
  expect(shown()).toMatchObject({ data: 'read', error: away });
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(shown()).toMatchObject({ data: 'read', error: null });
});

test('what was refused is not asked again', async () => {
  const { reads } = reading(new Refusal('Not yours.', 'NOT_FOUND', 404));
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(reads()).toBe(1);
});
