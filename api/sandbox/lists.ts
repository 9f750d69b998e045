import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Pool } from '#db/pool.ts';
import {
  findSandboxDispute,
  insertSandboxEvidence,
  listSandboxDisputesSince,
  listSandboxOrdersSince,
  listSandboxPaymentsSince,
  listSandboxRefundsSince,
  type SandboxDispute,
  type Since,
} from '#db/sandbox/lists.ts';
import { findSandboxRefund } from '#db/sandbox/provider.ts';
import type {
  SandboxDisputeView,
  SandboxListedOrder,
  SandboxListedPayment,
  SandboxListedRefund,
} from '#payments/sandbox.ts';
import { Failure } from '#workflows/failures.ts';
import { failedRefundReason, refundView } from './refunds.ts';

const id = z.string().regex(/^[\x21-\x7e]{1,255}$/);
const since = z.strictObject({
  since: z.iso.datetime(),
  after: id.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(100),
});
const refundsQuery = z.union([z.strictObject({ key: id }), since]);
/** With files, which come as Base64. */
const EVIDENCE_BYTES = 8 * 1024 * 1024;
/** As much as the other providers take together. */
const newEvidence = z.strictObject({
  key: z.string().regex(/^[\w-]{10,255}$/),
  text: z.string().max(20_000),
  files: z.array(z.strictObject({ name: z.string().max(255), media_type: z.string(), data: z.base64() })).max(10),
});
const byId = z.strictObject({ disputeId: id });

/** What was ordered, paid, given back and disputed since an instant; and evidence about disputes. Under the sandbox's key. */
export function sandboxListRoutes(api: FastifyInstance, { pool, now }: { pool: Pool; now: () => Date }): void {
  const rest = api.withTypeProvider<ZodTypeProvider>();
  const pageOf = (query: z.infer<typeof since>): Since => ({
    since: new Date(query.since).toISOString(),
    until: now().toISOString(),
    after: query.after ?? null,
    limit: query.limit,
  });

  rest.get('/orders', { schema: { hide: true, querystring: since } }, async (request) => {
    const data: readonly SandboxListedOrder[] = await listSandboxOrdersSince(pool, pageOf(request.query));
    return { success: true, data };
  });

  rest.get('/payments', { schema: { hide: true, querystring: since } }, async (request) => {
    const data: readonly SandboxListedPayment[] = await listSandboxPaymentsSince(pool, pageOf(request.query));
    return { success: true, data };
  });

  rest.get('/refunds', { schema: { hide: true, querystring: refundsQuery } }, async ({ query }) => {
    if ('key' in query) {
      const refund = await findSandboxRefund(pool, query.key);
      return { success: true, data: refund ? [refundView(refund)] : [] };
    }
    const rows = await listSandboxRefundsSince(pool, pageOf(query));
    const data: SandboxListedRefund[] = rows.map((row) => ({ ...row, reason: failedRefundReason(row.status) }));
    return { success: true, data };
  });

  rest.get('/disputes', { schema: { hide: true, querystring: since } }, async (request) => {
    return { success: true, data: (await listSandboxDisputesSince(pool, pageOf(request.query))).map(disputeView) };
  });

  async function getDispute(disputeId: string): Promise<SandboxDispute> {
    const found = await findSandboxDispute(pool, disputeId);
    if (!found) throw new Failure('NOT_FOUND', 'There is no such dispute.');
    return found;
  }

  rest.get('/disputes/:disputeId', { schema: { hide: true, params: byId } }, async (request) => {
    return { success: true, data: disputeView(await getDispute(request.params.disputeId)) };
  });

  rest.post(
    '/disputes/:disputeId/evidence',
    {
      bodyLimit: EVIDENCE_BYTES,
      schema: { hide: true, params: byId, body: newEvidence },
    },
    async (request) => {
      const { key, files } = request.body;
      const named = files.map(({ name, media_type, data }) => {
        return `${name} (${media_type}, ${Buffer.byteLength(data, 'base64')} bytes)`;
      });
      const text = [request.body.text, ...named].join('\n');
      const { disputeId } = request.params;
      const dispute = await getDispute(disputeId);
      const kept = await insertSandboxEvidence(pool, { paymentId: dispute.payment_id, key, text });
      const after = await getDispute(disputeId);
      if (!kept && after.evidence_key !== key) throw new Failure('CONFLICT', 'Evidence is taken once, and in time.');
      return { success: true, data: disputeView(after) };
    },
  );
}

function disputeView({ evidence_key: _, ...dispute }: SandboxDispute): SandboxDisputeView {
  const deducted = dispute.status === 'lost' ? dispute.amount : null;
  return { ...dispute, reason: 'The payer says that nothing was delivered.', deducted };
}
