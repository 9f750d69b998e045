import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Executor, inTransaction, type Pool, type Transaction } from '#db/pool.ts';
import { type AnswerKey, answerOnce as answerOnceInDatabase } from '#db/process/answers.ts';
import type { Secrets } from '#db/secrets.ts';
import { failureBody, invalidField } from './failure.ts';

const keyForm = /^[\x21-\x7e]{1,255}$/;

/** `headers` of a route that takes an Idempotency-Key. */
export const idempotencyHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(keyForm, '1 to 255 printable ASCII characters without spaces')
    .optional()
    .describe('The same key and body are answered alike and done once; kept for 30 days'),
});

/** The request's Idempotency-Key, or null. VALIDATION_FAILED unless it is 1 to 255 printable characters. */
function idempotencyKey(request: FastifyRequest): string | null {
  const sent = request.headers['idempotency-key'];
  if (sent === undefined) return null;
  if (typeof sent === 'string' && keyForm.test(sent)) return sent;
  throw invalidField('idempotency-key', 'is not 1 to 255 printable ASCII characters without spaces');
}

/** The request's key as the database knows it, or null. It belongs to the account and the path without its query. */
export function answerKey(request: FastifyRequest): AnswerKey | null {
  const key = idempotencyKey(request);
  if (key === null) return null;
  return { accountId: request.account.id, path: pathOf(request), key, bodyHash: bodyHash(request.body) };
}

/** The path as it was understood: one id is one path, be it in capitals or percent-encoded. */
function pathOf({ routeOptions, params, url }: FastifyRequest): string {
  const read = params as Record<string, string>;
  return routeOptions.url?.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(read[name] ?? '')) ?? url;
}

/** SHA-256 (hex) of a body, whatever the order of its fields. */
export function bodyHash(body: unknown): string {
  return hash('sha256', canonical(body));
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = value as Record<string, unknown>;
  let text = '';
  for (const name of Object.keys(fields).sort()) {
    if (fields[name] === undefined) continue;
    text += `${text && ','}${JSON.stringify(name)}:${canonical(fields[name])}`;
  }
  return `{${text}}`;
}

/**
 * Answers a POST whose work is one transaction: once per Idempotency-Key where there is one. `work` gives the status
 * and the whole body; a refusal with 409 is remembered too. `secrets`, where the body shows one: it is remembered sealed.
 */
export function answerOnce<Status extends number, Body>(
  pool: Pool,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (transaction: Transaction) => Promise<{ status: Status; body: Body }>,
  secrets?: Secrets,
): Promise<Body> {
  return answerOnceBy(pool, request, reply, (executor) => inTransaction(executor, work), secrets);
}

/** The same of work that is a transaction by itself: without a key it is given the pool. */
export async function answerOnceBy<Status extends number, Body>(
  pool: Pool,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (executor: Executor) => Promise<{ status: Status; body: Body }>,
  secrets?: Secrets,
): Promise<Body> {
  const known = answerKey(request);
  const key = known && (secrets ? { ...known, secrets } : known);
  if (key === null) {
    const answer = await work(pool);
    reply.status(answer.status);
    return answer.body;
  }
  const answer = await answerOnceInDatabase(pool, key, work, (failure) => ({
    status: failure.status,
    body: failureBody(failure),
  }));
  return sayAgain(request, reply, answer) as Body;
}

/** What came of it, for whoever goes on with it; null where a refusal was remembered and is answered. */
export function dataOf<Data>(answered: { data: Data }): Data | null {
  return (answered as { data?: Data }).data ?? null;
}

type Reply = { status(code: number): Reply; header(name: string, value: string): Reply };

/** Answers what was answered once, and marks it where this is not the first time. The body, for the route to return. */
export function sayAgain(
  request: FastifyRequest,
  reply: Reply,
  { status, body, repeated }: { status: number; body: unknown; repeated: boolean },
): unknown {
  if (repeated) reply.header('idempotency-replayed', 'true');
  if (status >= 400) request.refusal = (body as { error_code?: string }).error_code ?? null;
  reply.status(status);
  return body;
}
