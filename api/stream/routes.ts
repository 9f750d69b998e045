import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { findBattleIn } from '#db/battle/battles.ts';
import { findOpenChallenge } from '#db/challenge/challenges.ts';
import { listGiftsByMinute } from '#db/gift/giving.ts';
import { findOpenPoll } from '#db/poll/polls.ts';
import { rescheduleStream } from '#db/stream/rescheduling.ts';
import { findPlay } from '#db/stream/segments.ts';
import { changeStream, getStream, listStreams, openStream, requireCreator, watchStream } from '#db/stream/streams.ts';
import { listViewers } from '#db/stream/viewing.ts';
import { requireTicketEvent } from '#db/ticketEvent/events.ts';
import { lookAt } from '#realtime/boards.ts';
import { moodsOf } from '#realtime/moods.ts';
import { viewersOf } from '#realtime/viewers.ts';
import { battleView } from '#workflows/battle/contract.ts';
import { challengeView } from '#workflows/challenge/contract.ts';
import { id } from '#workflows/deal/contract.ts';
import { boardOf } from '#workflows/leaderboard/board.ts';
import { placeOnBoard } from '#workflows/leaderboard/contract.ts';
import { pollView } from '#workflows/poll/contract.ts';
import {
  moodState,
  playing,
  streamChange,
  streamRequest,
  streamStanding,
  streamStatus,
  streamView,
} from '#workflows/stream/contract.ts';
import { AHEAD_MS } from '#workflows/stream/machine.ts';
import { answers, list, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import { viewBattle } from '../battle/view.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { answerOnce, dataOf, idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { viewPlaces } from '../leaderboard/routes.ts';
import { ringFor } from '../money/posting.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import type { Pace } from '../people/pace.ts';
import { viewPoll } from '../poll/service.ts';
import { type Give, givenBy } from '../process/giving.ts';
import { isMediaServed } from './media.ts';
import { readerOf, viewPlay, viewStream } from './requests.ts';

const tags = ['Streams'];
const params = z.strictObject({ id });
const oneStream = z.object({ stream: streamView }).meta({ id: 'StreamAnswer' });
const standing = z.object({ stream: streamStanding }).meta({ id: 'StreamStandingAnswer' });
const state = z
  .object({
    stream: streamView,
    viewers: z.int().nonnegative().describe('Who is in the stream’s room now, each person once a process'),
    mood: moodState,
    top_gifters: z.array(placeOnBoard).describe('Who gave most in this stream'),
    poll: pollView.nullable().describe('What one may vote in just now'),
    segment: playing.nullable().describe('What is shown in place of the creator just now'),
    challenge: challengeView.nullable().describe('The one that is open'),
    battle: battleView.nullable().describe('The one that runs in it'),
  })
  .describe('All that a page needs that has just opened')
  .meta({ id: 'StreamState' });

/** Streams: announced, found, begun and ended. What is done in them has files of its own. */
export function streamRoutes(app: App, deps: Deps, { give, pace }: { give: Give; pace: Pace }): void {
  openRoute(app, deps, pace);
  readRoutes(app, deps);
  changeRoute(app, deps);
  analyticsRoute(app, deps);
  stepRoutes(app, deps, give);
}

function openRoute(app: App, deps: Deps, pace: Pace): void {
  const { pool } = deps;

  app.post(
    '/api/streams',
    {
      schema: {
        ...{ operationId: 'streams.create', tags, summary: 'Announce a stream' },
        description:
          'It goes on air by `start`, and is cancelled by itself where that does not happen within a day. Those who ' +
          'follow you are reminded ten minutes before `scheduled_at`, and told when it begins.',
        headers: idempotencyHeaders,
        body: streamRequest,
        response: answers(
          { 201: success(oneStream) },
          ...(['UNAUTHENTICATED', 'NOT_FOUND', 'FLOW_STATE_INVALID', 'LIMIT_REACHED'] as const),
          'RATE_LIMITED',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      await pace.take(account.id, 'streams');
      const now = deps.now().toISOString();
      const scheduledAt = body.scheduled_at ? takeStart(body.scheduled_at, now) : null;
      const answered = await answerOnce(pool, request, reply, async (transaction) => {
        if (body.ticket_event_id) await requireTicketEvent(transaction, body.ticket_event_id, account.id);
        const streamId = await openStream(transaction, {
          ...{ creatorId: account.id, title: body.title, category: body.category, tags: body.tags, now, scheduledAt },
          ...{ visibility: body.visibility, ticketEventId: body.ticket_event_id ?? null },
          watched: isMediaServed(deps.config),
        });
        const stream = viewStream(await getStream(transaction, streamId, readerOf(account)));
        return { status: 201, body: ok({ stream }) };
      });
      ringFor(deps, dataOf(answered)?.stream.id);
      return answered;
    },
  );
}

/** An instant to begin at: ahead, and not too far. */
function takeStart(at: string, now: string): string {
  const ms = Date.parse(at);
  if (ms <= Date.parse(now)) throw invalidField('scheduled_at', 'has passed');
  if (ms > Date.parse(now) + AHEAD_MS) throw invalidField('scheduled_at', 'is more than 365 days ahead');
  return new Date(ms).toISOString();
}

function readRoutes(app: App, deps: Deps): void {
  const { pool } = deps;

  app.get(
    '/api/streams',
    {
      schema: {
        ...{ operationId: 'streams.list', tags, summary: 'Streams, latest first' },
        description: 'None of whom you have blocked or who has blocked you, nor of private accounts you do not follow.',
        querystring: pageQuery.extend({
          status: streamStatus.optional(),
          category: z.string().max(160).optional(),
          creator_id: id.optional(),
        }),
        response: answers({ 200: list(streamView) }, 'UNAUTHENTICATED'),
      },
    },
    async ({ account, query }) => {
      const rows = await listStreams(pool, {
        reader: readerOf(account),
        ...{ status: query.status ?? null, category: query.category ?? null, creatorId: query.creator_id ?? null },
        ...{ limit: query.limit + 1, before: decodeCursor(query.cursor, z.tuple([z.uuid()]))?.[0] ?? null },
      });
      return pageOf(rows, query.limit, (row) => [row.id], viewStream);
    },
  );

  app.get(
    '/api/streams/:id',
    {
      schema: {
        ...{ operationId: 'streams.get', tags, summary: 'A stream', params },
        response: answers({ 200: success(oneStream) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => ok({ stream: viewStream(await getStream(pool, params.id, readerOf(account))) }),
  );

  app.get(
    '/api/streams/:id/state',
    {
      schema: {
        ...{ operationId: 'streams.state', tags, summary: 'What goes on in a stream now', params },
        response: answers({ 200: success(state) }, 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      const row = await watchStream(pool, params.id, readerOf(account));
      const board = boardOf('stream', 'senders', { now: deps.now().toISOString(), streamId: row.id });
      const [challenge, battle] = await Promise.all([
        findOpenChallenge(pool, row.id),
        findBattleIn(pool, row.id, account.id),
      ]);
      const [play, poll, viewers, mood, places] = await Promise.all([
        findPlay(pool, row.id, deps.now().toISOString()),
        row.status === 'live' ? findOpenPoll(pool, row.id, readerOf(account)) : null,
        viewersOf(deps.bus).count('stream', row.id),
        moodsOf(deps.bus).state(row.id),
        lookAt(pool, deps.bus.redis(), { board, limit: 5, around: null }),
      ]);
      const top_gifters = await viewPlaces(pool, places);
      return ok({
        ...{ stream: viewStream(row), viewers, mood, top_gifters },
        ...{ poll: poll && viewPoll(poll), segment: play && viewPlay(play) },
        ...{ challenge, battle: battle && viewBattle(battle) },
      });
    },
  );
}

const analytics = z
  .object({
    peak: z.int().nonnegative().describe('The most that watched at once'),
    viewers: z.array(z.object({ minute: z.iso.datetime(), viewers: z.int() })).describe('By minute, where it changed'),
    gifts: z.array(z.object({ minute: z.iso.datetime(), gifts: z.int(), tokens: z.int() })).describe('By minute'),
  })
  .meta({
    id: 'StreamAnalytics',
    examples: [{ peak: 12, viewers: [{ minute: '2026-11-28T12:00:00.000Z', viewers: 12 }], gifts: [] }],
  });

function analyticsRoute(app: App, deps: Deps): void {
  app.get(
    '/api/streams/:id/analytics',
    {
      schema: {
        ...{ operationId: 'streams.analytics', tags, summary: 'How a stream of yours does', params },
        response: answers({ 200: success(analytics) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      await requireCreator(deps.pool, params.id, account.id);
      const viewers = [...(await listViewers(deps.pool, params.id))];
      const gifts = [...(await listGiftsByMinute(deps.pool, params.id))];
      return ok({ viewers, gifts, peak: Math.max(0, ...viewers.map((each) => each.viewers)) });
    },
  );
}

function originOf({ now, config }: Deps, correlationId: string) {
  return { now: now().toISOString(), systemUserId: config.SYSTEM_USER_ID, correlationId };
}

function changeRoute(app: App, deps: Deps): void {
  const { pool } = deps;

  app.patch(
    '/api/streams/:id',
    {
      schema: {
        ...{ operationId: 'streams.change', tags, summary: 'Change what is said of a stream of yours, and its rules' },
        description: 'What is left out stays as it is. `scheduled_at` may be changed until it begins.',
        params,
        body: streamChange,
        response: answers({ 200: success(oneStream) }, 'UNAUTHENTICATED', 'NOT_FOUND', 'FLOW_STATE_INVALID'),
      },
    },
    async (request) => {
      const { account, params, body } = request;
      const { scheduled_at, ...change } = body;
      if (scheduled_at !== undefined) {
        const starts_at = takeStart(scheduled_at, deps.now().toISOString());
        const asked = { id: params.id, creatorId: account.id, startsAt: starts_at };
        await pool.transaction((transaction) => rescheduleStream(transaction, asked, originOf(deps, request.id)));
        deps.ring(params.id);
      }
      await changeStream(pool, params.id, account.id, change);
      return ok({ stream: viewStream(await getStream(pool, params.id, readerOf(account))) });
    },
  );
}

const STEPS = {
  start: {
    summary: 'Go on air',
    description: 'Those who follow you are told. Where a media server is configured, send pictures within two minutes.',
  },
  end: { summary: 'End a stream', description: 'What is open in it ends with it; an hour later it is put away.' },
  archive: { summary: 'Put away a stream that is over', description: 'It happens by itself an hour after the end.' },
  cancel: { summary: 'Cancel a stream that has not begun', description: 'By its creator or an administrator.' },
} as const;

function stepRoutes(app: App, deps: Deps, give: Give): void {
  for (const [on, said] of Object.entries(STEPS)) {
    app.post(
      `/api/streams/:id/${on}`,
      {
        schema: {
          ...{ ...said, operationId: `streams.${on}`, tags, params },
          headers: idempotencyHeaders,
          body: z.strictObject({}).nullish(),
          response: answers(
            { 200: success(standing) },
            ...(['UNAUTHENTICATED', 'NOT_FOUND', 'FORBIDDEN', 'FLOW_STATE_INVALID', 'IDEMPOTENCY_MISMATCH'] as const),
          ),
        },
      },
      async (request, reply) => {
        const processId = request.params.id;
        if (!request.account.roles.includes('admin')) await requireCreator(deps.pool, processId, request.account.id);
        const given = await give({
          ...{ ...givenBy(request as FastifyRequest), kind: 'stream', processId, on, data: {}, via: {} },
        });
        return sayAgain(request as FastifyRequest, reply, given) as never;
      },
    );
  }
}
