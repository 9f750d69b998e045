import { z } from 'zod';
import type { Pool } from '#db/pool.ts';
import { listTicketEvents } from '#db/ticketEvent/events.ts';
import { decodeCursor, pageOf } from '../page.ts';
import type { Account } from '../people/account.ts';
import { readerOf } from '../stream/requests.ts';
import { viewTicketEvent } from './requests.ts';

export type Listing = {
  account: Account;
  limit: number;
  cursor: string | undefined;
  status: string | null;
  creatorId: string | null;
};

/** A page of the events that tickets are sold for, latest announced first. */
export async function listingOf(pool: Pool, { account, limit, cursor, ...filter }: Listing) {
  const before = decodeCursor(cursor, z.tuple([z.uuid()]))?.[0] ?? null;
  const rows = await listTicketEvents(pool, { reader: readerOf(account), ...filter, limit: limit + 1, before });
  return pageOf(rows, limit, (row) => [row.id], viewTicketEvent);
}
