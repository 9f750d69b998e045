import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { DurableEvent } from 'tandem-client';
import { caseKeys } from '../case/queries.ts';
import { inboxKey } from '../inbox/queries.ts';
import { statementKey } from '../money/queries.ts';
import { rewardsKey } from '../reward/queries.ts';
import { tradingKey } from '../trading/queries.ts';
import { type ActionData, type Context, keys, type Message, type MessagePage } from './queries.ts';
import { roomsKey } from './rooms.ts';

/** Events of one step come together: what they make stale is read anew once, this many ms after the first. */
const TOGETHER_MS = 25;

/**
 * Puts what an event tells into what the page has read: the message and where the deal stands at once, the rest (what
 * may be done next, the ledger, balances) by reading it anew.
 */
export function hear(queries: QueryClient, userId: string, event: DurableEvent): void {
  switch (event.name) {
    case 'new_message': {
      const { message, conversation_context: context } = event.data;
      addMessage(queries, userId, message);
      // A message that asks for something carries what it asks.
      if (context) applyContext(queries, userId, context, message.action_required ? message.action_data : undefined);
      readAnew(queries, [keys.conversations(userId), roomsKey(userId)]);
      return;
    }
    case 'message_seen':
      markSeen(queries, userId, event.data.conversationId, event.data.messageId);
      return;
    case 'notification':
      readAnew(queries, [keys.conversations(userId), inboxKey(userId)]);
      return;
    case 'conversation_state_changed':
      readDeal(queries, userId, event.data.conversation_id);
      return;
    case 'button_action':
    case 'text_input': {
      const { current_action_data: question, ...context } = event.data.conversation_context;
      applyContext(queries, userId, context, question);
      readDeal(queries, userId, event.data.conversationId);
      return;
    }
    default:
      // Whatever other kinds tell: a case of theirs may have moved on.
      readAnew(queries, [
        [userId, 'case'],
        [userId, 'entries'],
        caseKeys.list(userId),
        keys.balances(userId),
        statementKey(userId),
        inboxKey(userId),
        rewardsKey(userId),
        tradingKey(userId),
      ]);
  }
}

/** A case with what is read of it besides. */
function caseOf(userId: string, id: string) {
  return [caseKeys.one(userId, id), caseKeys.entries(userId, id), caseKeys.list(userId)];
}

/** All that a step may have changed. Messages too: on them is seen which question was answered. */
function readDeal(queries: QueryClient, userId: string, id: string): void {
  readAnew(queries, [
    keys.context(userId, id),
    keys.messages(userId, id),
    ...caseOf(userId, id),
    keys.balances(userId),
    statementKey(userId),
    keys.conversations(userId),
  ]);
}

type Standing = NonNullable<Extract<DurableEvent, { name: 'new_message' }>['data']['conversation_context']>;
type Messages = InfiniteData<MessagePage, string>;

/** Where a deal stands now. `question` is what is asked of this user there; undefined where the event does not say. */
function applyContext(
  queries: QueryClient,
  userId: string,
  { conversation_id: id, deadline, ...standing }: Standing,
  question: ActionData | null | undefined,
): void {
  queries.setQueryData<Context>(keys.context(userId, id), (read) => {
    if (!read) return read;
    const stays = read.conversation.flow_state === standing.flow_state;
    const current_action_data = question === undefined ? (stays ? read.current_action_data : null) : question;
    return {
      ...read,
      conversation: { ...read.conversation, ...standing, current_action_data, deadline },
      current_action_data,
      deadline,
      // What was allowed in another state is not offered until it is known what is allowed in this one.
      allowed_actions: stays ? read.allowed_actions : [],
    };
  });
  // Money moves without a change of state too: a refund that arrives, a release after the chat has opened.
  readAnew(queries, [keys.context(userId, id), ...caseOf(userId, id), keys.balances(userId)]);
}

function addMessage(queries: QueryClient, userId: string, message: Message): void {
  changeMessages(queries, keys.messages(userId, message.conversation_id), (read) => {
    const [first, ...older] = read?.pages ?? [];
    if (!read || !first || read.pages.some((page) => page.data.some(({ id }) => id === message.id))) return read;
    return { ...read, pages: [{ ...first, data: [message, ...first.data] }, ...older] };
  });
}

function markSeen(queries: QueryClient, userId: string, conversationId: string, messageId: string | null): void {
  changeMessages(
    queries,
    keys.messages(userId, conversationId),
    (read) =>
      read && {
        ...read,
        pages: read.pages.map((page) => ({
          ...page,
          data: page.data.map((message) =>
            message.sender_id === userId && (messageId === null || message.id === messageId)
              ? { ...message, seen: true }
              : message,
          ),
        })),
      },
  );
}

/** What is being read meanwhile may be older than the event, and would take its place: it is read once more. */
function changeMessages(
  queries: QueryClient,
  queryKey: readonly string[],
  change: (read: Messages | undefined) => Messages | undefined,
): void {
  queries.setQueryData<Messages>(queryKey, change);
  if (queries.isFetching({ queryKey, exact: true }) > 0) readAnew(queries, [queryKey]);
}

const waiting = new Map<string, readonly string[]>();
let timer: ReturnType<typeof setTimeout> | null = null;

function readAnew(queries: QueryClient, stale: readonly (readonly string[])[]): void {
  for (const key of stale) waiting.set(key.join(' '), key);
  if (timer !== null) return;
  timer = setTimeout(() => {
    timer = null;
    const all = [...waiting.values()];
    waiting.clear();
    for (const queryKey of all) void queries.invalidateQueries({ queryKey });
  }, TOGETHER_MS);
}
