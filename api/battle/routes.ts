import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { getBattle, listBattles, openBattle } from '#db/battle/battles.ts';
import { voteInBattle } from '#db/battle/counting.ts';
import { getPerson } from '#db/people/accounts.ts';
import { battleRequest, battleStanding, battleStatus, battleView, battleVote } from '#workflows/battle/contract.ts';
import { ANSWER_MS } from '#workflows/battle/machine.ts';
import { id } from '#workflows/deal/contract.ts';
import { dryRun } from '#workflows/money/contract.ts';
import { answers, list, ok, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, idempotencyHeaders, sayAgain } from '../idempotency.ts';
import { dryRunQuery, openedIn, postNamed, ringFor } from '../money/posting.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import type { Pace } from '../people/pace.ts';
import { type Give, givenBy } from '../process/giving.ts';
import { readerOf } from '../stream/requests.ts';
import { viewBattle } from './view.ts';

const tags = ['Battles'];
const params = z.strictObject({ id });
const oneBattle = z.object({ battle: battleView }).meta({ id: 'BattleAnswer' });
const standing = z.object({ battle: battleStanding }).meta({ id: 'BattleStandingAnswer' });

/** Battles: two creators against each other, and those who vote for one of them. */
export function battleRoutes(app: App, deps: Deps, { give, pace }: { give: Give; pace: Pace }): void {
  openRoute(app, deps, pace);
  readRoutes(app, deps);
  voteRoute(app, deps);
  stepRoutes(app, give);
}

function openRoute(app: App, deps: Deps, pace: Pace): void {
  app.post(
    '/api/battles',
    {
      schema: {
        ...{ operationId: 'battles.create', tags, summary: 'Challenge somebody to a battle' },
        description:
          'They have a minute to accept. Votes and the tokens of gifts to one of the two while it runs are points, one ' +
          'each; whoever has more when its time is up has won, and is paid what both put up. Of a tie, and of a battle ' +
          'that is declined, called off or not answered, each has theirs back. Fought in a stream of yours it ends with ' +
          'that, and you have lost. Nobody is in two battles at once.',
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: battleRequest,
        response: answers(
          { 201: success(oneBattle) },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'FLOW_STATE_INVALID'] as const),
          ...(['LIMIT_REACHED', 'INSUFFICIENT_FUNDS', 'RATE_LIMITED', 'IDEMPOTENCY_MISMATCH'] as const),
        ),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      await pace.take(account.id, 'battles');
      const answered = await postNamed(deps, request, reply, async (transaction) => {
        const { handle } = await getPerson(transaction, account.id);
        const opened = {
          ...{ stream_id: body.stream_id ?? null, lasts: body.duration_seconds * 1_000, answer_within: ANSWER_MS },
        };
        const { id: battleId } = await openBattle(transaction, {
          ...{ challenger: { id: account.id, handle }, opponentId: body.opponent_id, opened },
          ...{ stake: BigInt(body.stake?.amount ?? 0), now: deps.now().toISOString() },
        });
        const battle = viewBattle(await getBattle(transaction, battleId, readerOf(account)));
        return { status: 201, body: ok({ battle }) };
      });
      ringFor(deps, openedIn(request, answered)?.battle.id);
      return answered;
    },
  );
}

function readRoutes(app: App, { pool }: Deps): void {
  app.get(
    '/api/battles',
    {
      schema: {
        ...{ operationId: 'battles.list', tags, summary: 'Your battles, newest first' },
        querystring: pageQuery.extend({ status: battleStatus.optional() }),
        response: answers({ 200: list(battleView) }, 'UNAUTHENTICATED'),
      },
    },
    async ({ account, query }) => {
      const before = decodeCursor(query.cursor, z.tuple([z.uuid()]))?.[0] ?? null;
      const asked = { status: query.status ?? null, limit: query.limit + 1, before };
      return pageOf(await listBattles(pool, account.id, asked), query.limit, (row) => [row.id], viewBattle);
    },
  );

  app.get(
    '/api/battles/:id',
    {
      schema: {
        ...{ operationId: 'battles.get', tags, summary: 'A battle', params },
        description: 'Until it has begun, and where it never does, the two alone know of it.',
        response: answers({ 200: success(oneBattle) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => ok({ battle: viewBattle(await getBattle(pool, params.id, readerOf(account))) }),
  );
}

function voteRoute(app: App, deps: Deps): void {
  const { pool } = deps;

  app.post(
    '/api/battles/:id/vote',
    {
      schema: {
        ...{ operationId: 'battles.vote', tags, summary: 'Vote for one of the two', params },
        description:
          'One vote of everybody who may see it but the two, while it runs. It is not changed: the same again is ' +
          'answered alike, for the other one it is refused.',
        headers: idempotencyHeaders,
        body: battleVote,
        response: answers(
          { 200: success(oneBattle) },
          ...(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT', 'FLOW_STATE_INVALID'] as const),
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    (request, reply) => {
      const { account, params, body } = request;
      return answerOnce(pool, request, reply, async (transaction) => {
        const reader = readerOf(account);
        await getBattle(transaction, params.id, reader);
        const vote = { battleId: params.id, voterId: account.id, participantId: body.participantId };
        await voteInBattle(transaction, { ...vote, now: deps.now().toISOString() });
        return { status: 200, body: ok({ battle: viewBattle(await getBattle(transaction, params.id, reader)) }) };
      });
    },
  );
}

const STEPS = {
  accept: {
    summary: 'Accept a battle',
    description: 'It begins now. What you put up is held from now on, or it is refused.',
  },
  decline: { summary: 'Decline a battle', description: 'What the challenger put up is given back.' },
  cancel: {
    summary: 'Call a battle off',
    description: 'By the challenger until it is accepted, by an administrator until it is over. Each has theirs back.',
  },
} as const;

function stepRoutes(app: App, give: Give): void {
  for (const [on, said] of Object.entries(STEPS)) {
    app.post(
      `/api/battles/:id/${on}`,
      {
        schema: {
          ...{ ...said, operationId: `battles.${on}`, tags, params },
          querystring: dryRunQuery,
          headers: idempotencyHeaders,
          body: z.strictObject({ dry_run: dryRun }).nullish(),
          response: answers(
            { 200: success(standing) },
            ...(['UNAUTHENTICATED', 'NOT_FOUND', 'FORBIDDEN', 'CONFLICT', 'FLOW_STATE_INVALID'] as const),
            ...(['INSUFFICIENT_FUNDS', 'IDEMPOTENCY_MISMATCH'] as const),
          ),
        },
      },
      async (request, reply) => {
        const processId = request.params.id;
        const given = await give({
          ...{ ...givenBy(request as FastifyRequest), kind: 'battle', processId, on, data: {}, via: {} },
        });
        return sayAgain(request as FastifyRequest, reply, given) as never;
      },
    );
  }
}
