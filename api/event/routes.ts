import { z } from 'zod';
import { getLastSeq, listEvents } from '#db/event/outbox.ts';
import { CATALOGUE } from '#realtime/catalogue.ts';
import { id, instant } from '#workflows/deal/contract.ts';
import { ticketEventStatus, ticketEventView } from '#workflows/ticketEvent/contract.ts';
import { answers, documentedAs, list } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { pascal } from '../docs/operations.ts';
import { invalidField } from '../failure.ts';
import { listingOf } from '../ticketEvent/listing.ts';
import { eventReplayRoutes } from './replayRoutes.ts';

const seq = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const any = z.object({
  seq: z.int().describe('Numbered per account from 1, without gaps'),
  name: z.string().describe('As in the AsyncAPI document'),
  data: z.looseObject({}).describe('The data of the event of this name'),
  at: instant,
});

// What tickets are sold for leaves by this path too, and is documented by its own, so that a typed client of one’s events
// has to do with nothing else.
const event = documentedAs(
  'Event',
  z.union([any, ticketEventView]),
  Object.entries(CATALOGUE)
    .filter(([, declared]) => declared.class === 'durable')
    .map(([name, { schema, summary }]) =>
      any.extend({ name: z.literal(name), data: schema }).meta({ id: `${pascal(name)}Event`, description: summary }),
    ),
);

const query = z.strictObject({
  after: seq.optional().describe('`seq` of the last event you have; 0 for all. Left out: what tickets are sold for'),
  cursor: z
    .union([seq, z.string().max(512)])
    .optional()
    .describe('`page.next_cursor` of the page before; of your events it is a number'),
  limit: z.coerce.number().int().min(1).max(100).default(50).describe('Entries at most, 1 to 100'),
  status: ticketEventStatus.optional().describe('Of what tickets are sold for'),
  creator_id: id.optional().describe('Of what tickets are sold for: whose it is'),
});

/**
 * Two lists have this path. With `after`, or a cursor that is a number, it is what the caller was told: what a socket
 * missed, or all of it for those who have none. Without, it is the events that tickets are sold for, which typed clients
 * find at a path of their own.
 */
export function eventRoutes(app: App, deps: Pick<Deps, 'pool' | 'now'>): void {
  eventReplayRoutes(app, deps);
  app.get(
    '/api/events',
    {
      schema: {
        operationId: 'events.list',
        tags: ['Events'],
        summary: 'Your events after a number, oldest first',
        description:
          'What came after the last event you have. `next_cursor` is the number to go on from while there ' +
          'is more; on the last page it is null. A socket sends the same events by itself, and replays up to 10000 of ' +
          'them.\n\nWithout `after` this is what tickets are sold for, as `GET /api/ticket-events` has it.',
        querystring: query,
        response: answers({ 200: list(event) }, 'UNAUTHENTICATED'),
      },
    },
    async ({ account, query: { limit, after, cursor, status = null, creator_id: creatorId = null } }) => {
      const from = readFrom(after, cursor);
      if (from === null) return listingOf(deps.pool, { account, limit, cursor: cursor?.toString(), status, creatorId });
      return told(deps, account.id, from, limit);
    },
  );
}

/** After which of one's events; null where it is not these that are asked for. */
function readFrom(after: number | undefined, cursor: number | string | undefined): number | null {
  if (cursor === undefined) return after ?? null;
  return typeof cursor === 'number' ? cursor : null;
}

async function told({ pool }: Pick<Deps, 'pool'>, userId: string, after: number, limit: number) {
  // One more than asked for tells whether there is a next page.
  const rows = await listEvents(pool, userId, after, limit + 1);
  if (rows.length === 0 && after > (await getLastSeq(pool, userId))) {
    throw invalidField('after', 'is past your last event');
  }
  const data = rows.slice(0, limit).map((row) => ({ ...row, data: row.data as Record<string, unknown> }));
  const next_cursor = rows.length > limit ? String(data.at(-1)?.seq) : null;
  return { success: true as const, data, page: { limit, next_cursor } };
}
