import { announce } from '#db/event/announce.ts';
import type { Executor, Transaction } from '#db/pool.ts';
import { writeChat } from '#db/stream/chat.ts';
import { type Reader, requireCreator, type StreamRow, watchStream } from '#db/stream/streams.ts';
import { grantXp } from '#db/xp/granting.ts';
import type { ChatHeard } from '#workflows/stream/contract.ts';
import type { Deps } from '../deps.ts';
import type { Account } from '../people/account.ts';
import { inCrowd, type Pace } from '../people/pace.ts';
import { heardOf, readerOf } from './requests.ts';

export type Writing = { streamId: string; text: string };

/** Writes in a stream's chat, in a transaction. The same for REST and for both doors. */
export async function writeInStream(
  transaction: Transaction,
  reader: Reader,
  { streamId, text }: Writing,
  now: string,
): Promise<ChatHeard> {
  const stream = await watchStream(transaction, streamId, reader);
  const heard = heardOf(streamId, await writeChat(transaction, stream, { userId: reader.id, text, now }));
  const gain = { userId: reader.id, action: 'chat' as const, about: now.slice(0, 16), many: 1 };
  await announce(transaction, await grantXp(transaction, [gain], now));
  return heard;
}

/** Whether somebody says what stays in a stream: its creator, or an administrator. */
export function mayModerate({ creator_id }: StreamRow, { id, roles }: Account): boolean {
  return creator_id === id || roles.includes('admin');
}

/** NOT_FOUND for whoever does not. */
export async function requireModerator(executor: Executor, streamId: string, account: Account): Promise<void> {
  if (account.roles.includes('admin')) await watchStream(executor, streamId, readerOf(account));
  else await requireCreator(executor, streamId, account.id);
}

/**
 * Writes so much of one person, and so much of all in one stream: a crowd that writes faster reads nothing either. `write`
 * says when a line is written.
 */
export async function paceChat<Answer>(
  pace: Pace,
  { userId, streamId }: { userId: string; streamId: string },
  write: (written: () => void) => Promise<Answer>,
): Promise<Answer> {
  await pace.take(userId, 'chat_lines');
  return inCrowd(pace, { of: streamId, what: 'crowd_lines' }, write);
}

/** Has it heard by everybody in the room, once it is committed. */
export function sayInStream({ bus }: Pick<Deps, 'bus'>, heard: ChatHeard): void {
  bus.live({ rooms: [`stream_${heard.streamId}`], name: 'chat:message', data: heard });
}
