import type { z } from 'zod';
import type { FailureCode } from '#workflows/failures.ts';
import { answers, list } from './answer.ts';
import type { App } from './app.ts';
import { cursorKeys, decodeCursor, pageOf, pageQuery } from './page.ts';
import type { Account } from './people/account.ts';

/** Where a page begins: after the row with this instant and id; null at the first. */
export type PageStart = { at: string; id: string } | null;

export type ListRoute<Row, Item extends z.ZodType> = {
  path: string;
  operationId: string;
  tags: string[];
  summary: string;
  /** What an entry is shown as. */
  item: Item;
  failures?: FailureCode[];
  /** Up to so many rows from a place on; one more than a page has is asked for. */
  read(asked: { account: Account; limit: number; start: PageStart }): Promise<readonly Row[]>;
  /** The keys by which a row is found again. */
  keys(row: Row): readonly [at: string, id: string];
  view(row: Row): z.input<Item>;
};

/** A list by age, in pages by keyset, in a scope of `requireAccount`. */
export function listRoute<Row, Item extends z.ZodType>(app: App, route: ListRoute<Row, Item>): void {
  const { path, operationId, tags, summary, item, failures = [], read, keys, view } = route;
  app.get(
    path,
    {
      schema: {
        operationId,
        tags,
        summary,
        querystring: pageQuery,
        response: answers({ 200: list(item) as z.ZodType }, 'UNAUTHENTICATED', ...failures),
      },
    },
    async (request) => {
      const { limit, cursor } = request.query;
      const found = decodeCursor(cursor, cursorKeys);
      const start = found && { at: found[0], id: found[1] };
      const rows = await read({ account: request.account, limit: limit + 1, start });
      return pageOf(rows, limit, keys, view);
    },
  );
}
