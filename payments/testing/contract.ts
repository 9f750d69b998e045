import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { minor } from '#workflows/money.ts';
import { isLaterState, type ProviderFact } from '#workflows/payment/fact.ts';
import {
  type NewOrder,
  type NewRefund,
  type PaymentProvider,
  ProviderRefused,
  ProviderUnavailable,
  WebhookRejected,
} from '../provider.ts';
import type { Delivery, Receiver } from './receiver.ts';
import type { UnreliableLine } from './unreliableLine.ts';

/** One provider with everything around it that its adapter has to cope with. */
export type ProviderWorld = {
  /** The adapter, with `timeoutMs` of TIMEOUT_MS and the secrets [newest, older]. */
  provider: PaymentProvider;
  /** The same adapter with keys that the provider does not know. */
  stranger: PaymentProvider;
  secrets: [newest: string, older: string];
  /** Between the adapter and the provider. */
  line: UnreliableLine;
  /** Where the provider's webhooks arrive. */
  receiver: Receiver;
  /** What the payer does at the provider. */
  pay(orderId: string): Promise<unknown>;
  decline(orderId: string): Promise<unknown>;
  /** Pays by a method that takes its time. */
  payLater?(orderId: string): Promise<unknown>;
  /** A dispute more about a payment. */
  chargeBack(paymentId: string, orderId: string): Promise<unknown>;
  endChargeBack(
    dispute: { disputeId: string; paymentId: string; orderId: string },
    outcome: 'won' | 'lost',
  ): Promise<unknown>;
  /** How often evidence was handed in for a dispute. */
  evidenceOf?(disputeId: string): unknown[] | Promise<unknown[]>;
  /** That many payments of one order, as nobody makes them: for lists of several pages. */
  payOften?(orderId: string, times: number): Promise<unknown>;
  /** A captured payment of this order whose refunds fail. */
  failingPayment(orderId: string): Promise<string>;
  /** The provider forgets the idempotency keys it has seen, as some do after a day. */
  forgetKeys(): void;
  /** What the provider holds. */
  ordersOf(reference: string): Promise<{ amount: string; currency: string }[]>;
  refundsOf(paymentId: string): Promise<unknown[]>;
  /** A capture's webhook as the provider writes it; `occurred` is in unix seconds. */
  captureText(capture: { paymentId: string; orderId: string; amount: unknown; occurred: number }): string;
  /** An event that is none of our business, likewise. */
  otherEvent: { type: string; text: (occurred: number) => string };
  /** Signs a text as the provider does. */
  seal(text: string, how: { secret: string; at: Date; eventId: string }): Delivery;
  signatureHeader: string;
  /** How old and how far ahead a delivery may be, in seconds. */
  window: { past: number; future: number };
  /** What orders are in; INR unless it says otherwise. */
  currency?: string;
  /** What is no amount in captureText, where decimals are. */
  notAmounts?: readonly unknown[];
  /** Whether the provider carries our id of the order in a capture's webhook. */
  bringsReference: boolean;
  close(): Promise<void>;
};

export type Lack =
  /** It does not know an order that nobody has tried to pay. */
  | 'unpaid_orders'
  /** No payment is declined by anybody. */
  | 'declines'
  /** A payment is made at once or not at all. */
  | 'slow_payments'
  /** Its lists cannot be filled by a test. */
  | 'pages'
  /** No payment is tried twice for one order. */
  | 'second_attempts'
  | 'refunds'
  | 'refund_webhooks'
  | 'disputes'
  | 'two_disputes'
  | 'evidence'
  | 'lists'
  /** It keeps no list of its orders. */
  | 'order_lists'
  /** Its signature says nothing about the body, and the time of sending is not signed. */
  | 'signed_bodies';

/** Long enough for an answer on a busy machine, short enough to wait for in a test. */
export const TIMEOUT_MS = 1_500;

const NOW = new Date('2031-05-06T07:08:09.000Z');
const unix = (at: Date) => Math.floor(at.getTime() / 1000);

/** What every adapter promises, whoever is behind it. Tests of what a provider lacks are left out. */
export function describeContract(name: string, open: () => Promise<ProviderWorld>, lacks: readonly Lack[] = []): void {
  describe(`${name} keeps the port's contract`, () => {
    let world: ProviderWorld;
    beforeAll(async () => {
      world = await open();
    });
    afterEach(() => world.line.calm());
    afterAll(() => world?.close());

    const testWith = (needs: Lack[], title: string, work: () => unknown) => {
      if (!needs.some((need) => lacks.includes(need))) test(title, work as () => Promise<void>);
    };
    const currency = () => world.currency ?? 'INR';
    const rowsOf = async <T>(rows: AsyncIterable<T>): Promise<T[]> => {
      const read: T[] = [];
      for await (const row of rows) read.push(row);
      return read;
    };

    async function* none() {}

    const newOrder = (order: Partial<NewOrder> = {}): NewOrder => ({
      id: randomUUID(),
      amount: minor(500_050n),
      currency: currency(),
      description: 'Three reels for “Monsoon”',
      expiresAt: new Date(Date.now() + 3600_000).toISOString(),
      successUrl: 'http://127.0.0.1:3000/paid',
      cancelUrl: 'http://127.0.0.1:3000/deal',
      ...order,
    });
    const create = (order: Partial<NewOrder> = {}) => world.provider.createOrder(newOrder(order));
    const verify = ({ rawBody, headers }: Delivery, now = new Date()) =>
      world.provider.verifyWebhook(rawBody, headers, now);
    const arrived = async (text: string) => verify(await world.receiver.next(text));

    /** An order and its capture. */
    const paid = async () => {
      const { providerOrderId } = await create();
      await world.pay(providerOrderId);
      const { payments } = await world.provider.findOrder(providerOrderId);
      const paymentId = payments[0]?.paymentId ?? '';
      expect(paymentId).not.toBe('');
      return { providerOrderId, paymentId };
    };
    const newRefund = (refund: { paymentId: string; providerOrderId: string } & Partial<NewRefund>): NewRefund => ({
      key: `${randomUUID()}_refund`,
      amount: minor(500_050n),
      currency: currency(),
      reason: 'The deal was called off.',
      ...refund,
    });
    const post = ({ method }: { method: string }) => method === 'POST';
    const refusal = async (work: Promise<unknown>) => {
      const error = await work.then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(ProviderRefused);
      return error as ProviderRefused;
    };
    const outage = async (work: Promise<unknown>) => {
      const error = await work.then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(ProviderUnavailable);
      return error as ProviderUnavailable;
    };
    const rejection = async (delivery: Delivery, now: Date) => {
      try {
        await world.provider.verifyWebhook(delivery.rawBody, delivery.headers, now);
      } catch (error) {
        expect(error).toBeInstanceOf(WebhookRejected);
        return (error as WebhookRejected).reason;
      }
      return 'accepted';
    };
    /** A capture's delivery, sealed at `at` and saying so. */
    const sealed = (how: { at?: Date; secret?: string; amount?: unknown } = {}) => {
      const at = how.at ?? NOW;
      const text = world.captureText({
        paymentId: 'pay_1',
        orderId: 'order_1',
        amount: how.amount ?? 500_050,
        occurred: unix(at),
      });
      return world.seal(text, { secret: how.secret ?? world.secrets[0], at, eventId: 'evt_1' });
    };
    const moved = (at: Date, seconds: number) => new Date(at.getTime() + seconds * 1000);

    describe('orders', () => {
      test('an order asked for again under the same id is the same order', async () => {
        const order = newOrder();
        const first = await world.provider.createOrder(order);
        const again = await world.provider.createOrder(order);
        expect(again.providerOrderId).toBe(first.providerOrderId);
        expect(await world.ordersOf(order.id)).toHaveLength(1);
      });

      test('an order asked for five times at once under one id is one order', async () => {
        const order = newOrder();
        const all = await Promise.all(Array.from({ length: 5 }, () => world.provider.createOrder(order)));
        expect(new Set(all.map((made) => made.providerOrderId)).size).toBe(1);
        expect(await world.ordersOf(order.id)).toHaveLength(1);
      });

      test('two ids are two orders', async () => {
        const [one, other] = await Promise.all([create(), create()]);
        expect(one.providerOrderId).not.toBe(other.providerOrderId);
      });

      test.each(['100', '500050', '99999999', '1000000000'])(
        '%s paise reach the provider to the paisa',
        async (amount) => {
          const order = newOrder({ amount: minor(amount) });
          await world.provider.createOrder(order);
          expect(await world.ordersOf(order.id)).toEqual([{ amount, currency: currency() }]);
        },
      );

      testWith(['unpaid_orders'], 'an id used for another amount is refused', async () => {
        const order = newOrder();
        await world.provider.createOrder(order);
        const { code } = await refusal(world.provider.createOrder({ ...order, amount: minor(600_000n) }));
        expect(code).toBe('IDEMPOTENCY_MISMATCH');
      });

      test('an order whose answer was lost is found again, not made again', async () => {
        const order = newOrder();
        world.line.trouble({ kind: 'answer_lost' }, post);
        expect((await outage(world.provider.createOrder(order))).outcome).toBe('unknown');
        world.line.calm();
        const { providerOrderId } = await world.provider.createOrder(order);
        expect(await world.ordersOf(order.id)).toHaveLength(1);
        expect((await world.provider.findOrder(providerOrderId)).status).toBe('open');
      });

      test('an order is open, and paid once it is, with the capture its webhook told of', async () => {
        const order = newOrder();
        const { providerOrderId } = await world.provider.createOrder(order);
        expect(await world.provider.findOrder(providerOrderId)).toEqual({ status: 'open', payments: [] });
        await world.pay(providerOrderId);
        const found = await world.provider.findOrder(providerOrderId);
        const captured = found.payments.find((fact) => fact.kind === 'captured');
        expect(found.status).toBe('paid');
        expect(captured).toMatchObject({
          orderId: providerOrderId,
          reference: order.id,
          amount: '500050',
          currency: currency(),
        });
      });

      testWith(['declines'], 'a declined payment is a failure with its reason, and the order stays open', async () => {
        const { providerOrderId } = await create();
        await world.decline(providerOrderId);
        const { status, payments } = await world.provider.findOrder(providerOrderId);
        expect(status).toBe('open');
        expect(payments).toMatchObject([{ kind: 'failed', orderId: providerOrderId, amount: '500050' }]);
        expect(payments[0]?.reason).toMatch(/declined/i);
      });

      testWith(
        ['declines', 'second_attempts'],
        'every payment of an order is found, a failed one before the capture too',
        async () => {
          const { providerOrderId } = await create();
          await world.decline(providerOrderId);
          await world.pay(providerOrderId);
          const { status, payments } = await world.provider.findOrder(providerOrderId);
          expect(status).toBe('paid');
          expect(payments.map(({ kind }) => kind).toSorted()).toEqual(['captured', 'failed']);
          for (const { occurredAt } of payments)
            expect(Math.abs(Date.parse(occurredAt) - Date.now())).toBeLessThan(60_000);
        },
      );

      testWith(['slow_payments'], 'a payment under way is pending, and its order open', async () => {
        const { providerOrderId } = await create();
        await world.payLater?.(providerOrderId);
        const { status, payments } = await world.provider.findOrder(providerOrderId);
        expect(status).toBe('open');
        expect(payments).toMatchObject([{ kind: 'pending', orderId: providerOrderId, amount: '500050' }]);
      });

      test('less than the provider takes, or another currency, is refused as such', async () => {
        const { minOrder = 1n } = world.provider.terms[currency()] ?? {};
        expect((await refusal(create({ amount: minor(minOrder - 1n) }))).code).toBe('BELOW_MINIMUM');
        expect((await refusal(create({ currency: 'XTS' }))).code).toBe('CURRENCY_NOT_TAKEN');
      });

      testWith(['unpaid_orders'], 'an order the provider does not know is refused as not found', async () => {
        expect((await refusal(world.provider.findOrder('order_unknown'))).code).toBe('NOT_FOUND');
      });
    });

    describe('webhooks', () => {
      const only = (facts: ProviderFact[]) => {
        expect(facts).toHaveLength(1);
        return facts[0] as ProviderFact;
      };
      /** The first of the provider's own deliveries about `text` that is a fact. */
      const fact = async (text: string) => {
        for (;;) {
          const { facts } = await arrived(text);
          if (facts.length > 0) return only(facts);
        }
      };

      test('a capture as the provider sends it is one captured fact', async () => {
        const order = newOrder();
        const { providerOrderId } = await world.provider.createOrder(order);
        const began = Date.now();
        await world.pay(providerOrderId);
        const captured = await fact(providerOrderId);
        expect(captured).toMatchObject({
          kind: 'captured',
          provider: name,
          orderId: providerOrderId,
          reference: world.bringsReference ? order.id : null,
          paymentId: expect.stringMatching(/./),
          refundId: null,
          refundKey: null,
          amount: '500050',
          currency: currency(),
          reason: null,
        });
        expect(Math.abs(Date.parse(captured.occurredAt) - began)).toBeLessThan(60_000);
        const { payments } = await world.provider.findOrder(providerOrderId);
        expect(payments.map((payment) => payment.paymentId)).toEqual([captured.paymentId]);
      });

      testWith(
        ['declines'],
        'a declined payment as the provider sends it is one failed fact that finds its order',
        async () => {
          const order = newOrder();
          const { providerOrderId } = await world.provider.createOrder(order);
          await world.decline(providerOrderId);
          const { payments } = await world.provider.findOrder(providerOrderId);
          const failed = await fact(payments[0]?.paymentId ?? '?');
          expect(failed).toMatchObject({ kind: 'failed', amount: '500050', currency: currency() });
          expect(failed.reason).toMatch(/declined/i);
          expect([failed.orderId, failed.reference]).toContain(failed.orderId ? providerOrderId : order.id);
        },
      );

      /** The next fact of a kind about a dispute that was not looked at yet. */
      const disputed = async (kind: ProviderFact['kind'], paymentId: string, known: string[] = []) => {
        for (;;) {
          const told = await fact('dispute');
          const isNew = told.paymentId === paymentId && !known.includes(told.disputeId ?? '');
          if (told.kind === kind && isNew) return told;
        }
      };

      testWith(['disputes'], 'a charge-back opens with its date and closes with its outcome', async () => {
        for (const outcome of ['won', 'lost'] as const) {
          const { providerOrderId: orderId, paymentId } = await paid();
          await world.chargeBack(paymentId, orderId);
          const opened = await disputed('charge_back_opened', paymentId);
          expect(opened).toMatchObject({
            paymentId,
            amount: '500050',
            currency: currency(),
            outcome: null,
            state: 'open',
          });
          expect(opened.reason).toMatch(/./);
          const disputeId = opened.disputeId ?? '';
          expect(disputeId).toMatch(/./);
          await world.endChargeBack({ disputeId, paymentId, orderId }, outcome);
          const closed = await disputed('charge_back_closed', paymentId);
          expect(closed).toMatchObject({ paymentId, disputeId, outcome, state: outcome, amount: '500050' });
          expect(['500050', null]).toContain(outcome === 'lost' ? closed.deducted : null);
        }
      });

      testWith(
        ['disputes', 'two_disputes'],
        'two disputes about one payment are two, each with its outcome',
        async () => {
          const { providerOrderId: orderId, paymentId } = await paid();
          await world.chargeBack(paymentId, orderId);
          const one = (await disputed('charge_back_opened', paymentId)).disputeId ?? '';
          await world.chargeBack(paymentId, orderId);
          const other = (await disputed('charge_back_opened', paymentId, [one])).disputeId ?? '';
          expect(other).not.toBe(one);
          await world.endChargeBack({ disputeId: other, paymentId, orderId }, 'lost');
          await world.endChargeBack({ disputeId: one, paymentId, orderId }, 'won');
          const closed = [
            await disputed('charge_back_closed', paymentId),
            await disputed('charge_back_closed', paymentId, [other]),
          ];
          expect(closed).toMatchObject([
            { disputeId: other, outcome: 'lost', paymentId },
            { disputeId: one, outcome: 'won', paymentId },
          ]);
        },
      );

      testWith(
        ['disputes', 'evidence'],
        'evidence is handed in once, whatever is repeated, and the dispute says so',
        async () => {
          const { providerOrderId: orderId, paymentId } = await paid();
          await world.chargeBack(paymentId, orderId);
          const { disputeId = '' } = await disputed('charge_back_opened', paymentId);
          expect(await world.provider.findDispute(disputeId)).toMatchObject({ disputeId, paymentId, state: 'open' });
          const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
          const evidence = {
            key: `${randomUUID()}_evidence`,
            disputeId,
            text: 'The reels were delivered on the 3rd and approved on the 4th.',
            files: [{ name: 'delivered.png', mediaType: 'image/png' as const, bytes }],
          };
          const handed = await world.provider.submitEvidence(evidence);
          expect(handed).toMatchObject({ disputeId, state: 'under_review', outcome: null });
          await world.provider.submitEvidence(evidence);
          expect(await world.evidenceOf?.(disputeId)).toHaveLength(1);
          expect((await refusal(world.provider.findDispute('disp_unknown'))).code).toBe('NOT_FOUND');
        },
      );

      test('one event delivered twice has one id', async () => {
        const once = await verify(sealed(), NOW);
        expect(await verify(sealed({ at: NOW }), moved(NOW, 5))).toEqual(once);
        expect(once.eventId).toMatch(/./);
      });

      test('the older secret is still good while secrets are rotated, a third is not', async () => {
        expect(await rejection(sealed({ secret: world.secrets[1] }), NOW)).toBe('accepted');
        expect(await rejection(sealed({ secret: 'neither of them' }), NOW)).toBe('signature');
        expect(await rejection(sealed({ secret: '' }), NOW)).toBe('signature');
      });

      testWith(['signed_bodies'], 'a body with any one byte changed is refused', async () => {
        const { rawBody, headers } = sealed();
        for (let at = 0; at < rawBody.length; at += 7) {
          const changed = Buffer.from(rawBody);
          changed[at] = (changed[at] ?? 0) ^ 1;
          expect(await rejection({ rawBody: changed, headers }, NOW)).toBe('signature');
        }
        const longer = Buffer.concat([rawBody, Buffer.from(' ')]);
        expect(await rejection({ rawBody: longer, headers }, NOW)).toBe('signature');
      });

      test('a delivery without its signature, with an empty one or with two is refused', async () => {
        const { rawBody, headers } = sealed();
        const right = headers[world.signatureHeader] as string;
        const given = [
          undefined,
          '',
          'v1=',
          't=1',
          'nonsense',
          right.toUpperCase(),
          right.slice(0, -1),
          [right, right],
        ];
        for (const signature of given) {
          const delivery = { rawBody, headers: { ...headers, [world.signatureHeader]: signature } };
          expect(await rejection(delivery, NOW)).toBe('signature');
        }
      });

      testWith(
        ['signed_bodies'],
        'a delivery is taken up to the edge of the window on either side, and refused beyond',
        async () => {
          const { past, future } = world.window;
          expect(await rejection(sealed({ at: moved(NOW, -past) }), NOW)).toBe('accepted');
          expect(await rejection(sealed({ at: moved(NOW, -past - 1) }), NOW)).toBe('timestamp');
          expect(await rejection(sealed({ at: moved(NOW, future) }), NOW)).toBe('accepted');
          expect(await rejection(sealed({ at: moved(NOW, future + 1) }), NOW)).toBe('timestamp');
        },
      );

      test('a signed body that is not the provider’s format is malformed', async () => {
        const texts = ['', '{', 'null', '[]', '"text"', '{}', '{"id":1,"type":2,"event":3,"created_at":"x"}', '\u0000'];
        for (const text of texts) {
          const delivery = world.seal(text, { secret: world.secrets[0], at: NOW, eventId: 'evt_1' });
          expect([text, await rejection(delivery, NOW)]).toEqual([text, 'malformed']);
        }
        const notUtf8 = world.seal('{}', { secret: world.secrets[0], at: NOW, eventId: 'evt_1' });
        const reason = lacks.includes('signed_bodies') ? 'malformed' : 'signature';
        expect(await rejection({ ...notUtf8, rawBody: Buffer.from([0xff, 0xfe]) }, NOW)).toBe(reason);
      });

      testWith(['signed_bodies'], 'an amount that is not a whole count of minor units is malformed', async () => {
        const usual = [1.5, -1, '12.50', 'much', {}, [], true, 1e21, 9007199254740993n, '10000000000000000'];
        for (const amount of world.notAmounts ?? usual) {
          const delivery = sealed({ amount: typeof amount === 'bigint' ? 2 ** 53 : amount });
          expect([amount, await rejection(delivery, NOW)]).toEqual([amount, 'malformed']);
        }
      });

      test('whatever stands in a signed body, it is understood or rejected, and its facts can be stored', async () => {
        const capture: unknown = JSON.parse(
          world.captureText({ paymentId: 'pay_1', orderId: 'order_1', amount: 100, occurred: unix(NOW) }),
        );
        await fc.assert(
          fc.asyncProperty(fc.nat(), fc.jsonValue(), async (at, value) => {
            const text = JSON.stringify(withOneReplaced(capture, at, value));
            const delivery = world.seal(text, { secret: world.secrets[0], at: NOW, eventId: 'evt_1' });
            try {
              for (const fact of (await verify(delivery, NOW)).facts) {
                // As Postgres' jsonb takes it: no NUL, no half of a surrogate pair.
                expect(JSON.stringify(fact)).not.toMatch(/\\u0000|\\ud[89a-f]/);
                expect(fact.amount).toMatch(/^[1-9]\d*$/);
                expect(new Date(fact.occurredAt).toISOString()).toBe(fact.occurredAt);
              }
            } catch (error) {
              if (!(error instanceof WebhookRejected || error instanceof ProviderUnavailable)) throw error;
            }
          }),
          { numRuns: 500 },
        );
      });

      test('a capture of nothing is no fact', async () => {
        expect((await verify(sealed({ amount: 0 }), NOW)).facts).toEqual([]);
      });

      test('an event we have no use for is believed, and has no facts', async () => {
        const { type, text } = world.otherEvent;
        const delivery = world.seal(text(unix(NOW)), { secret: world.secrets[0], at: NOW, eventId: 'evt_1' });
        expect(await verify(delivery, NOW)).toMatchObject({ type, facts: [] });
      });
    });

    describe('refunds', () => {
      testWith(['refunds'], 'a refund is made, told of by webhook under our key, and found', async () => {
        const order = await paid();
        const refund = newRefund(order);
        const made = await world.provider.refund(refund);
        expect(made.refundId).toMatch(/./);
        expect(['processed', 'pending']).toContain(made.status);
        const { facts } = await arrived(refund.key);
        expect(facts).toMatchObject([
          {
            kind: 'refunded',
            state: 'processed',
            paymentId: order.paymentId,
            refundId: made.refundId,
            refundKey: refund.key,
            amount: '500050',
            currency: currency(),
          },
        ]);
        const { key, paymentId } = refund;
        const found = { refundId: made.refundId, status: 'processed' };
        expect(await world.provider.findRefund({ key, paymentId, refundId: null })).toEqual(found);
        expect(await world.provider.findRefund({ key, paymentId, refundId: made.refundId })).toEqual(found);
      });

      testWith(['refunds'], 'a refund called for twice under one key, one after the other, is one refund', async () => {
        const order = await paid();
        const refund = newRefund({ ...order, amount: minor(1_000n) });
        const first = await world.provider.refund(refund);
        const again = await world.provider.refund(refund);
        expect(again.refundId).toBe(first.refundId);
        expect(await world.refundsOf(order.paymentId)).toHaveLength(1);
      });

      testWith(['refunds'], 'a refund called for five times at once under one key is one refund', async () => {
        const order = await paid();
        const refund = newRefund({ ...order, amount: minor(1_000n) });
        const all = await Promise.all(Array.from({ length: 5 }, () => world.provider.refund(refund)));
        expect(new Set(all.map((made) => made.refundId)).size).toBe(1);
        expect(await world.refundsOf(order.paymentId)).toHaveLength(1);
      });

      testWith(
        ['refunds'],
        'a refund repeated long after, when the provider has forgotten the key, is still one refund',
        async () => {
          const order = await paid();
          const refund = newRefund({ ...order, amount: minor(1_000n) });
          const first = await world.provider.refund(refund);
          world.forgetKeys();
          expect((await world.provider.refund(refund)).refundId).toBe(first.refundId);
          expect(await world.refundsOf(order.paymentId)).toHaveLength(1);
        },
      );

      testWith(['refunds'], 'two keys are two refunds, each found by its own', async () => {
        const order = await paid();
        const one = newRefund({ ...order, amount: minor(200_000n) });
        const other = newRefund({ ...order, amount: minor(300_050n) });
        const made = [await world.provider.refund(one), await world.provider.refund(other)];
        expect(made[0]?.refundId).not.toBe(made[1]?.refundId);
        const { paymentId } = order;
        const found = await world.provider.findRefund({ key: one.key, paymentId, refundId: null });
        expect(found?.refundId).toBe(made[0]?.refundId);
      });

      testWith(['refunds'], 'a key used for another amount is refused, and refunds nothing more', async () => {
        const order = await paid();
        const refund = newRefund({ ...order, amount: minor(1_000n) });
        await world.provider.refund(refund);
        const { code } = await refusal(world.provider.refund({ ...refund, amount: minor(2_000n) }));
        expect(code).toBe('IDEMPOTENCY_MISMATCH');
        expect(await world.refundsOf(order.paymentId)).toHaveLength(1);
      });

      for (const kind of ['answer_lost', 'cut_after'] as const) {
        const title = `a refund that took effect while its answer was lost (${kind}) is found, and is not made again`;
        testWith(['refunds'], title, async () => {
          const order = await paid();
          const refund = newRefund(order);
          world.line.trouble({ kind }, post);
          expect((await outage(world.provider.refund(refund))).outcome).toBe('unknown');
          world.line.calm();
          const { key, paymentId } = refund;
          const found = await world.provider.findRefund({ key, paymentId, refundId: null });
          expect(found?.refundId).toMatch(/./);
          expect((await world.provider.refund(refund)).refundId).toBe(found?.refundId);
          expect(await world.refundsOf(paymentId)).toHaveLength(1);
        });
      }

      test('less than the provider gives back is refused as such, and never asked for', async () => {
        const { minRefund } = world.provider.terms[currency()] ?? {};
        const order = await paid();
        const amount = minor(minRefund ? minRefund - 1n : 1n);
        if (amount <= 0n) return;
        const { code } = await refusal(world.provider.refund(newRefund({ ...order, amount })));
        expect(code).toBe(minRefund === null ? 'REFUNDS_NOT_POSSIBLE' : 'BELOW_MINIMUM');
        expect(await world.refundsOf(order.paymentId)).toHaveLength(0);
      });

      testWith(['refunds'], 'a refund that never got through is not found, and is made when repeated', async () => {
        const order = await paid();
        const refund = newRefund(order);
        world.line.trouble({ kind: 'silence' }, post);
        expect((await outage(world.provider.refund(refund))).outcome).toBe('unknown');
        world.line.calm();
        const { key, paymentId } = refund;
        expect(await world.provider.findRefund({ key, paymentId, refundId: null })).toBeNull();
        expect((await world.provider.refund(refund)).refundId).toMatch(/./);
        expect(await world.refundsOf(paymentId)).toHaveLength(1);
      });

      testWith(['refunds'], 'more than was paid is refused, and stays refused', async () => {
        const order = await paid();
        const refund = newRefund({ ...order, amount: minor(500_051n) });
        await refusal(world.provider.refund(refund));
        await refusal(world.provider.refund(refund));
        expect(await world.refundsOf(order.paymentId)).toHaveLength(0);
      });

      testWith(['refunds'], 'what is refunded already is refused under a new key', async () => {
        const order = await paid();
        await world.provider.refund(newRefund(order));
        await refusal(world.provider.refund(newRefund(order)));
        expect(await world.refundsOf(order.paymentId)).toHaveLength(1);
      });

      testWith(
        ['refunds'],
        'a refund that fails says so by webhook and when asked; its key stays failed, another key tries again',
        async () => {
          const { providerOrderId } = await create();
          const paymentId = await world.failingPayment(providerOrderId);
          const refund = newRefund({ paymentId, providerOrderId });
          const made = await world.provider.refund(refund);
          let told: ProviderFact[] = [];
          while (told.length === 0) told = (await arrived(refund.key)).facts;
          expect(told).toMatchObject([
            {
              kind: 'refund_failed',
              state: 'failed',
              paymentId,
              refundId: made.refundId,
              refundKey: refund.key,
              amount: '500050',
            },
          ]);
          const found = await world.provider.findRefund({ key: refund.key, paymentId, refundId: null });
          expect(found).toMatchObject({ refundId: made.refundId, status: 'failed' });
          expect((await world.provider.refund(refund)).refundId).toBe(made.refundId);
          expect(await world.refundsOf(paymentId)).toHaveLength(1);
          const another = await world.provider.refund(newRefund({ paymentId, providerOrderId }));
          expect(another.refundId).not.toBe(made.refundId);
        },
      );
    });

    // After everything that is told of by webhook was told of.
    describe('deliveries of every kind', () => {
      testWith(
        ['disputes', 'evidence'],
        'shuffled and repeated, they come to what the provider says when asked',
        async () => {
          const { providerOrderId: orderId, paymentId } = await paid();
          await world.chargeBack(paymentId, orderId);
          const since = Date.now() - 60_000;
          const [opened] = (await rowsOf(world.provider.listDisputes(new Date(since)))).filter(
            (fact) => fact.paymentId === paymentId,
          );
          const disputeId = opened?.disputeId ?? '';
          await world.endChargeBack({ disputeId, paymentId, orderId }, 'won');
          const deliveries = () => world.receiver.deliveries.filter(({ rawBody }) => rawBody.includes(disputeId));
          await expect.poll(() => deliveries().length, { timeout: 10_000 }).toBeGreaterThan(1);
          const about = deliveries();
          const told = (await Promise.all(about.map((delivery) => verify(delivery)))).flatMap(({ facts }) => facts);
          expect(told.length).toBeGreaterThan(1);
          const { state } = await world.provider.findDispute(disputeId);
          const arrivals = fc.shuffledSubarray([...told, ...told], { minLength: told.length * 2 });
          fc.assert(
            fc.property(arrivals, (facts) => {
              let known: ProviderFact['state'] | null = null;
              for (const fact of facts) if (fact.state && isLaterState(fact.state, known ?? null)) known = fact.state;
              expect(known).toBe(state);
            }),
          );
        },
      );

      test('whatever stands in one of them, it is understood or rejected', async () => {
        const bodies = [...new Set(world.receiver.deliveries.map(({ rawBody }) => rawBody.toString('utf8')))];
        expect(bodies.length).toBeGreaterThan(2);
        await fc.assert(
          fc.asyncProperty(fc.constantFrom(...bodies), fc.nat(), fc.jsonValue(), async (body, at, value) => {
            const text = JSON.stringify(withOneReplaced(JSON.parse(body), at, value));
            const delivery = world.seal(text, { secret: world.secrets[0], at: new Date(), eventId: 'evt_1' });
            try {
              for (const fact of (await verify(delivery)).facts) {
                expect(JSON.stringify(fact)).not.toMatch(/\\u0000|\\ud[89a-f]/);
                expect(fact.amount).toMatch(/^\d+$/);
              }
            } catch (error) {
              if (!(error instanceof WebhookRejected || error instanceof ProviderUnavailable)) throw error;
            }
          }),
          { numRuns: 300 },
        );
      });
    });

    const lists = () => {
      testWith(['lists'], 'what was paid since an instant is listed, and what was before is not', async () => {
        const { paymentId } = await paid();
        const listed = await rowsOf(world.provider.listPayments(new Date(Date.now() - 60_000)));
        expect(listed.filter((fact) => fact.paymentId === paymentId)).toMatchObject([
          { kind: 'captured', amount: '500050', currency: currency(), provider: name },
        ]);
        expect(await rowsOf(world.provider.listPayments(new Date(Date.now() + 86_400_000)))).toEqual([]);
      });

      testWith(['lists', 'order_lists'], 'orders since an instant are listed as they stand, paid or not', async () => {
        const one = newOrder();
        const open = await create(one);
        const { providerOrderId } = await paid();
        const since = (ms: number) => rowsOf(world.provider.listOrders?.(new Date(Date.now() + ms)) ?? none());
        const listed = await since(-60_000);
        const of = (id: string) => listed.filter((order) => order.providerOrderId === id);
        const whole = { amount: '500050', currency: currency() };
        expect(of(open.providerOrderId)).toMatchObject([{ ...whole, status: 'open', reference: one.id }]);
        expect(of(providerOrderId)).toMatchObject([{ ...whole, status: 'paid' }]);
        expect(await since(86_400_000)).toEqual([]);
      });

      testWith(['lists', 'refunds'], 'what was given back since an instant is listed', async () => {
        const order = await paid();
        const made = await world.provider.refund(newRefund({ ...order, amount: minor(1_000n) }));
        const listed = await rowsOf(world.provider.listRefunds(new Date(Date.now() - 60_000)));
        expect(listed.filter((fact) => fact.refundId === made.refundId)).toMatchObject([
          { kind: 'refunded', amount: '1000', currency: currency(), paymentId: order.paymentId, state: 'processed' },
        ]);
      });

      testWith(['lists', 'disputes'], 'what is disputed since an instant is listed', async () => {
        const order = await paid();
        await world.chargeBack(order.paymentId, order.providerOrderId);
        const listed = await rowsOf(world.provider.listDisputes(new Date(Date.now() - 60_000)));
        expect(listed.filter((fact) => fact.paymentId === order.paymentId)).toMatchObject([
          { kind: 'charge_back_opened', amount: '500050', currency: currency(), state: 'open' },
        ]);
      });

      testWith(['lists', 'pages'], 'a list of several pages is read to its end, each row once', async () => {
        const { providerOrderId } = await create();
        await world.payOften?.(providerOrderId, 205);
        const listed = await rowsOf(world.provider.listPayments(new Date(Date.now() - 60_000)));
        expect(listed.filter((fact) => fact.kind === 'captured').length).toBeGreaterThanOrEqual(205);
        expect(new Set(listed.map((fact) => `${fact.paymentId} ${fact.kind}`)).size).toBe(listed.length);
      });
    };
    if (!lacks.includes('lists')) describe('lists', lists);

    describe('trouble', () => {
      /** Every call of the port, ready to be made. */
      const calls = async () => {
        const order = await paid();
        const asked = { key: 'some_other_key', paymentId: order.paymentId, refundId: null };
        const refunds = {
          refund: () => world.provider.refund(newRefund(order)),
          findRefund: () => world.provider.findRefund(asked),
        };
        return {
          createOrder: () => create(),
          findOrder: () => world.provider.findOrder(order.providerOrderId),
          ...(lacks.includes('lists')
            ? {}
            : { listPayments: () => rowsOf(world.provider.listPayments(new Date(Date.now() - 60_000))) }),
          ...(world.provider.listOrders
            ? { listOrders: () => rowsOf(world.provider.listOrders?.(new Date(Date.now() - 60_000)) ?? none()) }
            : {}),
          ...(lacks.includes('refunds') ? {} : refunds),
        };
      };

      test('silence ends in ProviderUnavailable within the time allowed', async () => {
        const all = await calls();
        world.line.trouble({ kind: 'silence' });
        const began = Date.now();
        await Promise.all(Object.values(all).map((call) => outage(call())));
        expect(Date.now() - began).toBeLessThan(2 * TIMEOUT_MS);
      });

      test('an answer that only trickles ends as well', async () => {
        const all = await calls();
        world.line.trouble({ kind: 'trickle' });
        const began = Date.now();
        await Promise.all(Object.values(all).map((call) => outage(call())));
        expect(Date.now() - began).toBeLessThan(2 * TIMEOUT_MS);
      });

      test('a connection cut before the request got through is ProviderUnavailable', async () => {
        const all = await calls();
        world.line.trouble({ kind: 'cut_before' });
        await Promise.all(Object.values(all).map((call) => outage(call())));
      });

      test('a server error leaves the outcome of what was sent unknown', async () => {
        const all = await calls();
        for (const body of ['{"error":{"code":"SERVER_ERROR"}}', '{}', 'null', '']) {
          world.line.trouble({ kind: 'answered', status: 503, body }, post);
          expect((await outage(all.createOrder())).outcome).toBe('unknown');
          if (all.refund) expect((await outage(all.refund())).outcome).toBe('unknown');
        }
      });

      test('a page from something in between is no answer', async () => {
        const all = await calls();
        for (const status of [200, 502]) {
          world.line.trouble({ kind: 'answered', status, body: '<html>', headers: { 'content-type': 'text/html' } });
          await Promise.all(Object.values(all).map((call) => outage(call())));
        }
      });

      test('a redirect is not followed', async () => {
        const all = await calls();
        const headers = { location: `${world.receiver.url}/elsewhere` };
        const before = world.receiver.deliveries.length;
        world.line.trouble({ kind: 'answered', status: 307, body: '{}', headers });
        await Promise.all(
          Object.values(all).map((call) =>
            call().then(
              () => expect.unreachable(),
              () => {},
            ),
          ),
        );
        expect(world.receiver.deliveries.slice(before).filter((one) => one.rawBody.includes('refund'))).toEqual([]);
      });

      test('too many requests: nothing was done', async () => {
        const all = await calls();
        for (const body of ['{"error":{"message":"slow down"}}', '{}']) {
          world.line.trouble({ kind: 'answered', status: 429, body });
          for (const call of Object.values(all)) expect((await outage(call())).outcome).toBe('not_done');
        }
      });

      test('a key that the provider refuses says nothing about what was asked: nothing was done', async () => {
        const { stranger } = world;
        expect((await outage(stranger.createOrder(newOrder()))).outcome).toBe('not_done');
        expect((await outage(stranger.findOrder('order_1'))).outcome).toBe('not_done');
        const asked = { key: 'refund_of_a_stranger_1', paymentId: 'pay_1', refundId: null };
        if (lacks.includes('refunds')) return;
        expect((await outage(stranger.findRefund(asked))).outcome).toBe('not_done');
      });

      // Last: the line is not mended.
      test('a provider that is down: nothing was done', async () => {
        const all = await calls();
        await world.line.close();
        // A connection kept from before may be cut under the first calls; those cannot know.
        await expect.poll(async () => (await outage(all.findOrder())).outcome).toBe('not_done');
        for (const call of Object.values(all)) expect((await outage(call())).outcome).toBe('not_done');
      });
    });
  });
}

/** A copy in which the value in some place, counted through, is another. */
function withOneReplaced(json: unknown, place: number, value: unknown): unknown {
  const copy: unknown = structuredClone(json);
  const places: [parent: Record<string, unknown>, name: string][] = [];
  const walk = (part: unknown) => {
    if (typeof part !== 'object' || part === null) return;
    for (const [name, child] of Object.entries(part)) {
      places.push([part as Record<string, unknown>, name]);
      walk(child);
    }
  };
  walk(copy);
  const [parent, name] = places[place % places.length] ?? [];
  if (parent && name !== undefined) parent[name] = value;
  return copy;
}
