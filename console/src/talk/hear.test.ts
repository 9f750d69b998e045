import { QueryClient, QueryObserver } from '@tanstack/react-query';
import type { DurableEvent } from 'tandem-client';
import { expect, test, vi } from 'vitest';
import { hear } from './hear.ts';
import { keys } from './queries.ts';

const PERSON = 'a person';
const DEAL = 'a deal';

const untilSo = (expects: () => void) => vi.waitFor(expects, { timeout: 10_000 });

function newMessage(id: string): DurableEvent {
  const message = { id, conversation_id: DEAL, sender_id: 'another', action_required: false };
  return { seq: 1, name: 'new_message', data: { conversation_id: DEAL, message } } as unknown as DurableEvent;
}

test('a message that comes while older ones are still being read is on the page in the end', async () => {
  const queries = new QueryClient();
  const stored = ['first'];
  /** Reads that are under way; each answers, when it is let go, what was stored when it began. */
  const reads: (() => void)[] = [];
  const observer = new QueryObserver(queries, {
    queryKey: keys.messages(PERSON, DEAL),
    queryFn: () => {
      const pages = [{ data: stored.map((id) => ({ id })) }];
      return new Promise<{ pages: typeof pages }>((resolve) => reads.push(() => resolve({ pages })));
    },
  });
  const stop = observer.subscribe(() => {});
  const shown = () => observer.getCurrentResult().data?.pages[0]?.data.map(({ id }) => id);

  await untilSo(() => expect(reads).toHaveLength(1));
  stored.unshift('second');
  hear(queries, PERSON, newMessage('second'));
  reads[0]?.();
  await untilSo(() => expect(shown()).toContain('first'));
  await untilSo(() => expect(reads).toHaveLength(2));
  reads[1]?.();
  await untilSo(() => expect(shown()).toEqual(['second', 'first']));
  stop();
  queries.clear();
});
