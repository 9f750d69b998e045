import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { bodyOf, dataOf } from '../client/answer.ts';
import type { paths } from '../openapi.d.ts';
import type { Session } from '../session/session.ts';

type Answered<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } };
}
  ? Body
  : never;

export type Context = Answered<'/api/messages/conversations/{id}/context'>['data'];
export type Conversation = Context['conversation'];
export type ActionData = NonNullable<Context['current_action_data']>;
export type AllowedAction = Context['allowed_actions'][number];
export type PaymentOrder = NonNullable<Context['payment_order']>;
export type MessagePage = Answered<'/api/messages/conversations/{id}/messages'>;
export type Message = MessagePage['data'][number];
export type Step = Answered<'/api/messages/conversations/{id}/steps'>['data'][number];
export type Entry = Answered<'/api/messages/conversations/{id}/ledger'>['data']['entries'][number];
export type Summary = Answered<'/api/messages/conversations'>['data'][number];
export type Flow = Answered<'/api/flow'>['data'];

/** What somebody has read, by what it is. The first part is whose it is, so that it goes when they go. */
export const keys = {
  conversations: (userId: string) => [userId, 'conversations'],
  context: (userId: string, id: string) => [userId, 'context', id],
  messages: (userId: string, id: string) => [userId, 'messages', id],
  steps: (userId: string, id: string) => [userId, 'steps', id],
  ledger: (userId: string, id: string) => [userId, 'ledger', id],
  balances: (userId: string) => [userId, 'balances'],
};

const MESSAGES_AT_ONCE = 50;
/** Steps are read in pages of a hundred; a deal of a thousand is as long as any. */
const STEP_PAGES = 10;

export function conversationsQuery({ api, user }: Session) {
  return queryOptions({
    queryKey: keys.conversations(user.id),
    queryFn: async () =>
      (await bodyOf(api.GET('/api/messages/conversations', { params: { query: { limit: 50 } } }))).data,
  });
}

export function contextQuery({ api, user }: Session, id: string) {
  return queryOptions({
    queryKey: keys.context(user.id, id),
    queryFn: () => dataOf(api.GET('/api/messages/conversations/{id}/context', { params: { path: { id } } })),
  });
}

/** Newest first, page by page into the past. */
export function messagesQuery({ api, user }: Session, id: string) {
  return infiniteQueryOptions({
    queryKey: keys.messages(user.id, id),
    queryFn: ({ pageParam }) =>
      bodyOf(
        api.GET('/api/messages/conversations/{id}/messages', {
          params: { path: { id }, query: { limit: MESSAGES_AT_ONCE, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page: MessagePage) => page.page.next_cursor,
  });
}

export function stepsQuery({ api, user }: Session, id: string) {
  return queryOptions({
    queryKey: keys.steps(user.id, id),
    queryFn: async () => {
      const steps: Step[] = [];
      let cursor: string | null = '';
      for (let page = 0; page < STEP_PAGES && cursor !== null; page += 1) {
        const query: { limit: number; cursor?: string } = { limit: 100, ...(cursor ? { cursor } : {}) };
        const body = await bodyOf(
          api.GET('/api/messages/conversations/{id}/steps', { params: { path: { id }, query } }),
        );
        steps.push(...body.data);
        cursor = body.page.next_cursor;
      }
      return steps;
    },
  });
}

export function ledgerQuery({ api, user }: Session, id: string) {
  return queryOptions({
    queryKey: keys.ledger(user.id, id),
    queryFn: async () =>
      (await dataOf(api.GET('/api/messages/conversations/{id}/ledger', { params: { path: { id } } }))).entries,
  });
}

export function balancesQuery({ api, user }: Session) {
  return queryOptions({
    queryKey: keys.balances(user.id),
    queryFn: async () =>
      (await dataOf(api.GET('/api/wallet/{userId}/balance', { params: { path: { userId: user.id } } }))).balances,
  });
}
