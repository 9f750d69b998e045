import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { dryRun } from '#workflows/money/contract.ts';
import { type Asset, isAsset, readAmount } from '#workflows/money.ts';
import { words } from '#workflows/talk/contract.ts';
import { DEFAULT_POLICY } from '#workflows/trade/policy.ts';
import { pairId, selfTrade, side, timeInForce } from '#workflows/trading/contract.ts';
import type { Bodies } from '#workflows/trading/journal.ts';
import type { OfferChange } from '#workflows/trading/offer.ts';
import { type NewOrder, ORDER_TYPES } from '#workflows/trading/order.ts';
import { type Pair, pairIdOf, readLots, readTicks, sizeProblem } from '#workflows/trading/pair.ts';
import type { Config } from '../config.ts';
import { invalidField } from '../failure.ts';
import { takePolicy } from '../policy.ts';
import { policyRequest, takePrice as takeFiatPrice } from '../trade/requests.ts';

const decimalInput = z
  .union([z.string().max(40), z.number()])
  .meta({ id: 'DecimalInput', description: 'A decimal, as text or as a number', examples: ['0.05'] });

/** What offers alone have. */
const offerFields = {
  min: decimalInput.optional().describe('Of an offer: the least that is taken at once; all of it by default'),
  max: decimalInput.optional().describe('Of an offer: the most that is taken at once; all of it by default'),
  paymentMethods: z
    .array(words(60))
    .min(1)
    .max(10)
    .optional()
    .meta({ examples: [['UPI']] }),
  paymentDetails: words(1_000, { empty: true }).optional().describe('Where a seller is paid; shown to who takes'),
  marginBps: z
    .int()
    .min(-5_000)
    .max(10_000)
    .optional()
    .describe('In place of a price: that of the feeds in this currency, by so many basis points more or less'),
  policy: policyRequest.optional(),
};

/** What an order is given with: one of the book, or an offer whose fiat is paid outside of Tandem. */
export const orderRequest = z
  .strictObject({
    pairId,
    kind: z.enum(['spot', 'p2p']).default('spot').describe('`p2p`: an offer, whose parts are taken into escrow'),
    side,
    type: z.enum(ORDER_TYPES),
    price: decimalInput.optional().describe('Of the quote for one of the base; of a market order the worst it takes'),
    amount: decimalInput.describe('Of the base'),
    timeInForce: timeInForce
      .optional()
      .describe('GTC by default, and IOC for a market order: what is not traded at once is cancelled'),
    expiresAt: z.iso.datetime().optional().describe('With GTD'),
    postOnly: z.boolean().optional().describe('Refused where it would take from the book'),
    selfTradePrevention: selfTrade.optional().describe('What ends where it would meet an order of your own'),
    maxSpend: decimalInput.optional().describe('Of a purchase at the market: at most so much, fees included'),
    clientOrderId: z
      .string()
      .regex(/^[\x21-\x7e]{1,64}$/, 'is not 1 to 64 printable ASCII characters')
      .optional(),
    ...offerFields,
    dry_run: dryRun,
  })
  .meta({
    id: 'NewOrder',
    examples: [{ pairId: 'BTC-USD', kind: 'spot', side: 'buy', type: 'limit', price: '65000', amount: '0.01' }],
  });
export type OrderRequest = z.infer<typeof orderRequest>;

export const amendRequest = z
  .strictObject({
    price: decimalInput.optional(),
    amount: decimalInput.optional().describe('Of the whole order, with what is traded of it'),
    status: z.enum(['cancelled', 'paused', 'open']).optional().describe('`paused` and `open` are of offers'),
  })
  .meta({ id: 'AmendOrder', examples: [{ amount: '0.005' }] });

function takeSteps(
  field: string,
  read: (text: string, pair: Pair) => number | string,
  value: string | number,
  pair: Pair,
) {
  const steps = read(String(value), pair);
  if (typeof steps === 'string') throw invalidField(field, steps);
  return steps;
}

const takePrice = (value: string | number, pair: Pair): number => takeSteps('price', readTicks, value, pair);
const takeAmount = (value: string | number, pair: Pair): number => takeSteps('amount', readLots, value, pair);

/** A year: what lies in a book longer was forgotten. */
const LASTS_AT_MOST_MS = 366 * 86_400_000;

/** What a person asks for, as an order of the pair. VALIDATION_FAILED. */
export function takeOrder(body: OrderRequest, pair: Pair, userId: string, config: Config, now: Date): NewOrder {
  const { type } = body;
  refuseFields(body, Object.keys(offerFields), 'is of offers (kind p2p)');
  const ticks = body.price === undefined ? null : takePrice(body.price, pair);
  const lots = takeAmount(body.amount, pair);
  if (type === 'limit' && ticks === null) throw invalidField('price', 'is missing: a limit order has one');
  if (ticks !== null) {
    const problem = sizeProblem(pair, ticks, lots);
    if (problem) throw invalidField('amount', problem);
  }
  const inForce = body.timeInForce ?? (type === 'market' ? 'IOC' : 'GTC');
  refuseMismatch(body, inForce);
  return {
    ...{ id: uuid(), userId, side: body.side, type, ticks, lots, timeInForce: inForce },
    postOnly: body.postOnly ?? false,
    selfTrade: body.selfTradePrevention ?? 'expire_taker',
    expiresAt: takeEnd(body, inForce, now),
    maxSpend: takeSpend(body, pair),
    clientOrderId: body.clientOrderId ?? null,
    makerBps: config.MAKER_FEE_BPS,
    takerBps: config.TAKER_FEE_BPS,
  };
}

/** Fields that are of the other kind. */
function refuseFields(body: OrderRequest, fields: readonly string[], problem: string): void {
  const sent = fields.find((field) => (body as Record<string, unknown>)[field] !== undefined);
  if (sent !== undefined) throw invalidField(sent, problem);
}

/** What a person offers. VALIDATION_FAILED. */
export function takeOffered(body: OrderRequest, userId: string, config: Config, now: Date) {
  refuseFields(body, ['postOnly', 'selfTradePrevention', 'maxSpend', 'clientOrderId'], 'is of orders (kind spot)');
  const [base = '', currency = ''] = pairIdOf(body.pairId).split('-');
  if (!isAsset(base)) throw invalidField('pairId', 'begins with no asset of ours');
  if (!/^[A-Z]{3}$/.test(currency)) throw invalidField('pairId', 'ends with no currency such as INR');
  if (body.type !== 'limit') throw invalidField('type', 'of an offer is limit');
  if ((body.price === undefined) === (body.marginBps === undefined)) {
    throw invalidField('price', 'or marginBps is what an offer has, and not both');
  }
  if (!body.paymentMethods) throw invalidField('paymentMethods', 'is missing: how an offer is paid');
  const inAsset = (field: 'amount' | 'min' | 'max') => {
    const units = readAmount(body[field] ?? body.amount, base);
    if (typeof units === 'string') throw invalidField(field, units);
    return units;
  };
  const [amount, least, most] = [inAsset('amount'), inAsset('min'), inAsset('max')];
  if (least > most || least > amount) throw invalidField('min', 'is more than there can be taken');
  return {
    ...{ id: uuid(), userId, side: body.side, asset: base, currency, amount, least, most },
    price: body.price === undefined ? null : takeFiatPrice(String(body.price)),
    marginBps: body.marginBps ?? null,
    paymentMethods: body.paymentMethods,
    paymentDetails: body.paymentDetails || null,
    policy: takePolicy(DEFAULT_POLICY, body.policy, config.POLICY_FLOOR_SECONDS),
    expiresAt: takeEnd(body, body.timeInForce ?? 'GTC', now),
  };
}

/** What somebody takes of an offer. */
export const takeRequest = z
  .strictObject({
    amount: decimalInput.describe('Of the asset'),
    payment_method: words(60),
    price: z
      .string()
      .regex(/^\d{1,12}(\.\d{1,2})?$/)
      .optional()
      .describe('What you saw that one costs: refused with OFFER_STALE where it is another by now'),
    payment_details: words(1_000, { empty: true })
      .optional()
      .describe('Where you are paid, where you sell to who made the offer; shown to both alone'),
    dry_run: dryRun,
  })
  .meta({ id: 'TakeOffer', examples: [{ amount: '25', payment_method: 'UPI' }] });

/** What does not go together. */
function refuseMismatch({ type, postOnly }: OrderRequest, inForce: NewOrder['timeInForce']): void {
  const lasts = inForce === 'GTC' || inForce === 'GTD';
  if (type === 'market' && lasts) throw invalidField('timeInForce', 'of a market order is IOC or FOK');
  if (postOnly && (type === 'market' || !lasts)) {
    throw invalidField('postOnly', 'is for orders that lie in the book');
  }
}

function takeEnd({ expiresAt }: OrderRequest, inForce: NewOrder['timeInForce'], now: Date): string | null {
  if (inForce !== 'GTD') {
    if (expiresAt !== undefined) throw invalidField('expiresAt', 'goes with timeInForce GTD');
    return null;
  }
  if (expiresAt === undefined) throw invalidField('expiresAt', 'is missing: GTD is until then');
  const end = new Date(expiresAt);
  if (end <= now) throw invalidField('expiresAt', 'is over');
  if (end.getTime() > now.getTime() + LASTS_AT_MOST_MS) throw invalidField('expiresAt', 'is more than a year away');
  return end.toISOString();
}

function takeSpend({ maxSpend, type, side: of }: OrderRequest, pair: Pair): bigint | null {
  if (maxSpend === undefined) return null;
  if (type !== 'market' || of !== 'buy') throw invalidField('maxSpend', 'is for purchases at the market');
  const units = readAmount(maxSpend, pair.quote);
  if (typeof units === 'string') throw invalidField('maxSpend', units);
  return units;
}

/** What is to be otherwise of an order. VALIDATION_FAILED. */
export function takeAmendment(body: z.infer<typeof amendRequest>, pair: Pair): Bodies['amend'] {
  if (body.price === undefined && body.amount === undefined) {
    throw invalidField('body', 'says nothing that is to be otherwise: price, amount or status');
  }
  return {
    ticks: body.price === undefined ? null : takePrice(body.price, pair),
    lots: body.amount === undefined ? null : takeAmount(body.amount, pair),
  };
}

/** What is to be otherwise of an offer. VALIDATION_FAILED. */
export function takeOfferChange({ price, amount, status }: z.infer<typeof amendRequest>, asset: Asset): OfferChange {
  if (price === undefined && amount === undefined && status === undefined) {
    throw invalidField('body', 'says nothing that is to be otherwise: price, amount or status');
  }
  const units = amount === undefined ? null : readAmount(amount, asset);
  if (typeof units === 'string') throw invalidField('amount', units);
  return { amount: units, price: price === undefined ? null : takeFiatPrice(String(price)), state: status ?? null };
}
