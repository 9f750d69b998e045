import type { QueryClient } from '@tanstack/react-query';
import { type Chat, chatKey, type Said } from './queries.ts';

/** Puts what was written into what was read of a stream's chat; the same again changes nothing. */
export function addSaid(queries: QueryClient, userId: string, said: Said): void {
  queries.setQueryData<Chat>(chatKey(userId, said.streamId), (read) => {
    const [first, ...older] = read?.pages ?? [];
    if (!read || !first || read.pages.some(({ data }) => data.some(({ id }) => id === said.id))) return read;
    return { ...read, pages: [{ ...first, data: [said, ...first.data] }, ...older] };
  });
}

/** Takes messages away that are to be shown no more. */
export function dropSaid(
  queries: QueryClient,
  { userId, streamId }: { userId: string; streamId: string },
  goes: (said: Said) => boolean,
): void {
  queries.setQueryData<Chat>(
    chatKey(userId, streamId),
    (read) =>
      read && {
        ...read,
        pages: read.pages.map((page) => ({ ...page, data: page.data.filter((said) => !goes(said)) })),
      },
  );
}
