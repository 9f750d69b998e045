import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { contribute } from '#db/boost/credits.ts';
import {
  type Clan,
  findOwner,
  findTarget,
  type Gig,
  insertClan,
  insertGig,
  type Listed,
  listNewest,
  listRanked,
  noteView,
} from '#db/boost/targets.ts';
import { CREDIT_EVENTS, wholeCredits } from '#workflows/boost/contract.ts';
import { TARGETS, type Target } from '#workflows/boost/terms.ts';
import { Failure } from '#workflows/failures.ts';
import { answers, list, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import { dryRunBody, dryRunQuery, postMoney } from '../money/posting.ts';
import { decodeCursor, pageOf, pageQuery } from '../page.ts';
import { creditsRequest } from './requests.ts';

const tags = ['Credits and boosts'];
const id = z.uuid();
const instant = z.iso.datetime();
const params = z.strictObject({ id });

const gigRequest = z
  .strictObject({
    title: z.string().trim().min(1).max(200),
    description: z.string().trim().min(1).max(5_000),
    category: z.string().trim().min(1).max(60),
  })
  .meta({
    id: 'PostGig',
    examples: [{ title: 'Cut three reels', description: 'From raw footage', category: 'video' }],
  });
const clanRequest = z
  .strictObject({ name: z.string().trim().min(2).max(60), description: z.string().trim().max(5_000).default('') })
  .meta({ id: 'MakeClan', examples: [{ name: 'The Cutters', description: 'We edit' }] });
const contributeRequest = z
  .strictObject({ amount: creditsRequest, dry_run: dryRunBody })
  .meta({ id: 'ContributeToClan', examples: [{ amount: 25 }] });

const boosts = z.int().describe('Boosts that are active');
const boosted_until = instant.nullable().describe('When the last of them ends');
const points = (what: string) => z.int().describe(`${what}: the sum of its active boosts, in credits a day`);

const views = {
  profile: z
    .object({
      id,
      handle: z.string(),
      roles: z.array(z.string()),
      visibility_score: points('How visible the profile is'),
      boosts,
      boosted_until,
      created_at: instant,
    })
    .meta({ id: 'RankedProfile' }),
  gig: z
    .object({
      id,
      owner_id: id,
      title: z.string(),
      description: z.string(),
      category: z.string(),
      priority_score: points('What priority the gig has'),
      boosts,
      boosted_until,
      created_at: instant,
    })
    .meta({ id: 'Gig' }),
  clan: z
    .object({
      id,
      leader_id: id,
      name: z.string(),
      description: z.string(),
      contributed: wholeCredits.describe('Credits that members gave to it'),
      reputation_score: points('What reputation the clan has'),
      boosts,
      boosted_until,
      created_at: instant,
    })
    .meta({ id: 'Clan' }),
} as const;

/** `id` and the rest as the table has them, and the score by the name that it has there. */
const SHOWN: { readonly [Of in Target]: (row: Listed<Of>) => z.infer<(typeof views)[Of]> } = {
  profile: ({ score, ...row }) => ({ ...row, visibility_score: score }),
  gig: ({ score, ...row }) => ({ ...row, priority_score: score }),
  clan: ({ score, contributed, ...row }) => ({ ...row, contributed: String(contributed), reputation_score: score }),
};

const NAMES = { profile: 'profiles', gig: 'gigs', clan: 'clans' } as const;

/** Profiles, gigs and clans, with what they need to be ranked. */
export function targetRoutes(app: App, deps: Deps): void {
  readRoutes(app, deps, 'profile');
  readRoutes(app, deps, 'gig');
  readRoutes(app, deps, 'clan');
  makeRoutes(app, deps);
  contributeRoute(app, deps);
  viewRoutes(app, deps);
}

/** Gigs and clans; a profile comes with its account. */
function makeRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  const now = () => deps.now().toISOString();

  app.post(
    '/api/gigs',
    {
      schema: {
        tags,
        operationId: 'gigs.create',
        summary: 'Post a gig',
        headers: idempotencyHeaders,
        body: gigRequest,
        response: answers({ 201: success(views.gig) }, 'UNAUTHENTICATED', 'IDEMPOTENCY_MISMATCH'),
      },
    },
    async (request, reply) =>
      answerOnce(pool, request, reply, async (transaction) => {
        const gig: Gig = { id: uuid(), owner_id: request.account.id, ...request.body, created_at: now() };
        await insertGig(transaction, gig);
        const shown = { ...gig, priority_score: 0, boosts: 0, boosted_until: null };
        return { status: 201, body: { success: true as const, data: shown } };
      }),
  );

  app.post(
    '/api/clans',
    {
      schema: {
        tags,
        operationId: 'clans.create',
        summary: 'Make a clan',
        headers: idempotencyHeaders,
        body: clanRequest,
        response: answers({ 201: success(views.clan) }, 'UNAUTHENTICATED', 'CONFLICT', 'IDEMPOTENCY_MISMATCH'),
      },
    },
    async (request, reply) =>
      answerOnce(pool, request, reply, async (transaction) => {
        const clan: Clan = { id: uuid(), leader_id: request.account.id, ...request.body, created_at: now() };
        await insertClan(transaction, clan);
        const shown = { ...clan, contributed: '0', reputation_score: 0, boosts: 0, boosted_until: null };
        return { status: 201, body: { success: true as const, data: shown } };
      }),
  );
}

function contributeRoute(app: App, deps: Deps): void {
  const now = () => deps.now().toISOString();

  app.post(
    '/api/clans/:id/contribute',
    {
      schema: {
        tags,
        operationId: 'clans.contribute',
        summary: 'Give credits to a clan, which keeps them',
        params,
        querystring: dryRunQuery,
        headers: idempotencyHeaders,
        body: contributeRequest,
        response: answers(
          { 201: success(z.object({ event: CREDIT_EVENTS.clan_contribution }).meta({ id: 'ClanContribution' })) },
          'UNAUTHENTICATED',
          'NOT_FOUND',
          'INSUFFICIENT_FUNDS',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, body } = request;
      const clanId = request.params.id;
      const answered = await postMoney(deps, request, reply, async (transaction) => {
        const given = { userId: account.id, clanId, amount: BigInt(body.amount), now: now() };
        return { status: 201, body: { success: true as const, data: { event: await contribute(transaction, given) } } };
      });
      return answered as never;
    },
  );
}

function viewRoutes(app: App, deps: Deps): void {
  const { pool } = deps;
  const now = () => deps.now().toISOString();

  for (const of of TARGETS) {
    app.post(
      `/api/${NAMES[of]}/:id/view`,
      {
        schema: {
          tags,
          operationId: `${NAMES[of]}.view`,
          summary: `Say that you look at a ${of}`,
          description: 'Counted once a person and hour; looking at your own counts for nothing.',
          params,
          response: answers(
            { 200: success(z.object({ counted: z.boolean() }).meta({ id: 'ViewCounted' })) },
            'UNAUTHENTICATED',
            'NOT_FOUND',
          ),
        },
      },
      async (request) => {
        const { account } = request;
        const targetId = request.params.id;
        const owner = await findOwner(pool, of, targetId);
        if (!owner) throw new Failure('NOT_FOUND', `There is no such ${of}.`);
        const counted =
          owner !== account.id && (await noteView(pool, { target: of, targetId, viewerId: account.id, now: now() }));
        return { success: true as const, data: { counted } };
      },
    );
  }
}

function readRoutes<Of extends Target>(app: App, { pool }: Deps, of: Of): void {
  const view: z.ZodType = views[of];
  const shown = SHOWN[of] as (row: Listed<Of>) => unknown;

  app.get(
    `/api/${NAMES[of]}`,
    {
      schema: {
        tags,
        operationId: `${NAMES[of]}.list`,
        summary: `${NAMES[of]}, newest first or by their boosts`.replace(/^./, (first) => first.toUpperCase()),
        querystring: pageQuery.extend({
          sort: z.enum(['new', 'boost']).default('new').describe('`boost`: the highest score first, then the newest'),
        }),
        response: answers({ 200: list(view) }, 'UNAUTHENTICATED'),
      },
    },
    async (request) => {
      const { limit, cursor, sort } = request.query;
      if (sort === 'boost') {
        const keys = decodeCursor(cursor, z.tuple([z.int().min(0), id]));
        const after = keys && { score: keys[0], id: keys[1] };
        const rows = await listRanked(pool, of, limit + 1, after);
        return pageOf(rows, limit, (row) => [row.score, row.id], shown) as never;
      }
      const keys = decodeCursor(cursor, z.tuple([id]));
      const rows = await listNewest(pool, of, limit + 1, keys?.[0] ?? null);
      return pageOf(rows, limit, (row) => [row.id], shown) as never;
    },
  );

  app.get(
    `/api/${NAMES[of]}/:id`,
    {
      schema: {
        tags,
        operationId: `${NAMES[of]}.get`,
        summary: `One ${of}, with its score`,
        params,
        response: answers({ 200: success(view) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const row = await findTarget(pool, of, request.params.id);
      if (!row) throw new Failure('NOT_FOUND', `There is no such ${of}.`);
      return { success: true as const, data: shown(row) } as never;
    },
  );
}
