import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { rehearse } from '#db/money/rehearsal.ts';
import type { Transaction } from '#db/pool.ts';
import { Failure } from '#workflows/failures.ts';
import { dryRun } from '#workflows/money/contract.ts';
import type { Deps } from '../deps.ts';
import { answerOnce, dataOf } from '../idempotency.ts';
import type { Account } from '../people/account.ts';

/** What all POSTs that move money have in common. */

export const dryRunBody = dryRun.describe(
  'Answers as it would, and does nothing; its `id` is null. No Idempotency-Key is used up',
);

export const dryRunQuery = z.strictObject({
  dry_run: z.enum(['true', 'false']).optional().describe('As `dry_run` in the body'),
});

type Request = FastifyRequest & {
  query: z.infer<typeof dryRunQuery>;
  body: { dry_run?: boolean | undefined } | null | undefined;
};

/** Whether it is only to be rehearsed, which its route takes. */
export function isRehearsal(request: FastifyRequest): boolean {
  if (request.routeOptions.schema?.querystring !== dryRunQuery) return false;
  const { query, body } = request as Request;
  return body?.dry_run ?? query.dry_run === 'true';
}

type Work<Status extends number, Body> = (transaction: Transaction) => Promise<{ status: Status; body: Body }>;

/** Does the work once per key, or rehearses it. */
export async function postMoney<Status extends number, Body>(
  deps: Pick<Deps, 'pool'>,
  request: FastifyRequest,
  reply: FastifyReply,
  work: Work<Status, Body>,
): Promise<Body> {
  const answer = await postNamed(deps, request, reply, work);
  return isRehearsal(request) ? withoutId(answer) : answer;
}

/** The same where no id of an answer may be null: those of what was rehearsed name nothing. */
export async function postNamed<Status extends number, Body>(
  { pool }: Pick<Deps, 'pool'>,
  request: FastifyRequest,
  reply: FastifyReply,
  work: Work<Status, Body>,
): Promise<Body> {
  if (!isRehearsal(request)) return answerOnce(pool, request, reply, work);
  const answer = await rehearse(pool, work);
  reply.status(answer.status);
  return answer.body;
}

/** What was rehearsed has no id: nothing is there that it would name. What it names itself is there. */
function withoutId<Body>(body: Body): Body {
  const { data, ...rest } = body as { data: Record<string, unknown> };
  const unnamed = Object.entries(data).map(([thing, value]) => [
    thing,
    isThing(value) ? { ...value, id: null } : value,
  ]);
  return { ...rest, data: Object.fromEntries(unnamed) } as Body;
}

function isThing(value: unknown): value is { id: string } {
  return typeof value === 'object' && value !== null && 'id' in value;
}

/** What was opened, for whoever goes on with it; null where it was only rehearsed, or a refusal was remembered. */
export function openedIn<Data>(request: FastifyRequest, answered: { data: Data }): Data | null {
  return isRehearsal(request) ? null : dataOf(answered);
}

/** Rings for what was opened; for what was rehearsed without an id there is nothing to ring for. */
export function ringFor({ ring }: Pick<Deps, 'ring'>, id: string | null | undefined): void {
  if (id) ring(id);
}

/** NOT_FOUND for whoever is neither its owner nor an administrator. */
export function requireSight(account: Account, userId: string): void {
  if (account.id !== userId && !account.roles.includes('admin')) throw noWallet();
}

/** NOT_FOUND for everybody but its owner: what an administrator moves is an adjustment. */
export function requireOwn(account: Account, userId: string): void {
  if (account.id !== userId) throw noWallet();
}

function noWallet(): Failure {
  return new Failure('NOT_FOUND', 'There is no such wallet.');
}
