/** Views and events of top-ups as zod schemas; OpenAPI and AsyncAPI are made from them. */
import { z } from 'zod';
import { formatDecimal } from '../money.ts';
import { topUpMachine } from './machine.ts';
import { STATES, type TopUp } from './terms.ts';

const id = z.uuid();
const instant = z.iso.datetime();

export const topUpView = z
  .object({
    id,
    status: z
      .enum(STATES)
      .describe('open: to be paid; paid: it arrives at once; closed: nothing is to be paid any more'),
    asset: z.string(),
    amount: z.string().describe('What arrives in the wallet'),
    price: z.string(),
    currency: z.string(),
    deadline: instant.nullable(),
  })
  .meta({ id: 'TopUp' });

/** Durable events of top-ups, by name, with the data each carries. */
export const TOP_UP_EVENTS = {
  top_up_update: z
    .object({
      topUpId: id,
      status: z.enum(STATES),
      action: z.string(),
      asset: z.string(),
      amount: z.string(),
      price: z.string(),
      currency: z.string(),
    })
    .describe('A top-up of yours moved on'),
} as const;

export function viewTopUp(topUp: TopUp): z.infer<typeof topUpView> {
  const { terms, asset: currency } = topUp;
  return {
    id: topUp.id,
    status: topUp.state,
    asset: terms.asset,
    amount: formatDecimal(BigInt(terms.quantity), terms.asset),
    price: formatDecimal(BigInt(terms.price), currency),
    currency,
    deadline: topUpMachine.deadlineOf(topUp),
  };
}
