import { z } from 'zod';
import { getLastSeq, listEvents } from '#db/event/outbox.ts';
import { CATALOGUE } from '#realtime/catalogue.ts';
import { instant } from '#workflows/deal/contract.ts';
import { answers, documentedAs, list } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { pascal } from '../docs/operations.ts';
import { invalidField } from '../failure.ts';
import { eventReplayRoutes } from './replayRoutes.ts';

const seq = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const any = z.object({
  seq: z.int().describe('Numbered per account from 1, without gaps'),
  name: z.string().describe('As in the AsyncAPI document'),
  data: z.looseObject({}).describe('The data of the event of this name'),
  at: instant,
});

const event = documentedAs(
  'Event',
  any,
  Object.entries(CATALOGUE)
    .filter(([, declared]) => declared.class === 'durable')
    .map(([name, { schema, summary }]) =>
      any.extend({ name: z.literal(name), data: schema }).meta({ id: `${pascal(name)}Event`, description: summary }),
    ),
);

/** The durable events of the caller: what a socket missed, or all of it for those who have none. */
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
          'What came after the last event you have. `next_cursor` is the number to go on from while there is more; ' +
          'on the last page it is null. A socket sends the same events by itself, and replays up to 10000 of them.',
        querystring: z.strictObject({
          after: seq.optional().describe('`seq` of the last event you have; 0, or left out, for all'),
          cursor: seq.optional().describe('The same, for those who go by `page.next_cursor`'),
          limit: z.coerce.number().int().min(1).max(100).default(50).describe('Entries at most, 1 to 100'),
        }),
        response: answers({ 200: list(event) }, 'UNAUTHENTICATED'),
      },
    },
    async ({ account, query }) => {
      const { limit } = query;
      const after = query.cursor ?? query.after ?? 0;
      // One more than asked for tells whether there is a next page.
      const rows = await listEvents(deps.pool, account.id, after, limit + 1);
      if (rows.length === 0 && after > (await getLastSeq(deps.pool, account.id))) {
        throw invalidField('after', 'is past your last event');
      }
      const data = rows.slice(0, limit).map((row) => ({ ...row, data: row.data as Record<string, unknown> }));
      const next_cursor = rows.length > limit ? String(data.at(-1)?.seq) : null;
      return { success: true as const, data, page: { limit, next_cursor } };
    },
  );
}
