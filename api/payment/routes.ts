import { z } from 'zod';
import { findOrder } from '#db/payment/orders.ts';
import { id, instant } from '#workflows/deal/contract.ts';
import { Failure } from '#workflows/failures.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { paymentOrder, viewOrder } from './order.ts';

const payment = paymentOrder
  .extend({
    id: id.describe('Our own id of the order'),
    conversation_id: id,
    status: z.enum(['open', 'paid', 'closed']).describe('closed: nothing is to be paid on it any more'),
    paid_at: instant.nullable(),
    created_at: instant,
  })
  .meta({ id: 'Payment' });

/** Orders, for whoever is to pay them. */
export function paymentRoutes(app: App, { pool }: Deps): void {
  app.get(
    '/api/payments/:orderId',
    {
      schema: {
        operationId: 'payments.getOrder',
        tags: ['Payments'],
        summary: 'What became of an order',
        params: z.strictObject({
          orderId: z.string().min(1).max(200).describe("The provider's id of the order, or ours"),
        }),
        response: answers({ 200: success(payment) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async (request) => {
      const order = await findOrder(pool, request.params.orderId);
      const { account } = request;
      if (!order || (order.payer_id !== account.id && !account.roles.includes('admin'))) {
        throw new Failure('NOT_FOUND', 'There is no such order.');
      }
      return {
        success: true as const,
        data: {
          ...viewOrder(order),
          id: order.id,
          conversation_id: order.process_id,
          status: order.paid_at ? ('paid' as const) : order.closed_at ? ('closed' as const) : ('open' as const),
          paid_at: order.paid_at,
          created_at: order.created_at,
        },
      };
    },
  );
}
