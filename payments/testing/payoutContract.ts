import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { minor } from '#workflows/money.ts';
import type { ProviderFact } from '#workflows/payment/fact.ts';
import type { Destination, ListedPayout, NewPayout, PayoutProvider } from '../payout.ts';
import { type PaymentProvider, ProviderRefused, ProviderUnavailable } from '../provider.ts';
import type { Receiver } from './receiver.ts';
import type { Asked } from './server.ts';
import type { UnreliableLine } from './unreliableLine.ts';

/** One provider of payouts with everything around it that its adapter has to cope with. */
export type PayoutWorld = {
  /** With a time limit of TIMEOUT_MS. */
  provider: PayoutProvider;
  /** The same adapter with keys that the provider does not know. */
  stranger: PayoutProvider;
  /** What reads the webhooks about payouts. */
  webhooks: Pick<PaymentProvider, 'verifyWebhook'>;
  line: UnreliableLine;
  receiver: Receiver;
  currency: string;
  /** Takes money, is nobody's, and is of a kind that belongs elsewhere. */
  destinations: { good: Destination; unknown: Destination; foreign: Destination };
  /** Whose the good one is. */
  holder: string;
  /** Whether a call is the one that pays. */
  isPayment(asked: Asked): boolean;
  /** What the provider has of a reference, as decimal text of minor units. */
  payoutsOf(reference: string): Promise<string[]>;
  forgetKeys(): void;
  /** The float is this much, in minor units. */
  setBalance(units: bigint): Promise<void>;
  /** Where a payout is taken and then fails; absent where none does. */
  failing?: Destination;
  /** Where a payout is paid and then sent back, or how to make it so. */
  reversing?: Destination;
  reverse?(payoutId: string): Promise<unknown>;
  /** Pays what is under way, where somebody has to see to it. */
  settle?(reference: string): Promise<unknown>;
  /** A queued payout has an id of the provider's, and can be stopped. */
  keepsQueue: boolean;
  /** A check of a destination is pending at first. */
  finishChecks?(): void;
  close(): Promise<void>;
};

/** What every adapter of payouts promises, whoever is behind it. */
export function describePayoutContract(
  name: string,
  open: () => Promise<PayoutWorld>,
  lacks: readonly 'failures'[] = [],
): void {
  describe(`${name} keeps the contract of payouts`, () => {
    let world: PayoutWorld;
    beforeAll(async () => {
      world = await open();
    });
    afterEach(async () => {
      world.line.calm();
      await world.setBalance(1_000_000_000n);
    });
    afterAll(() => world?.close());

    const testWith = (need: 'failures', title: string, work: () => Promise<void>) => {
      if (!lacks.includes(need)) test(title, work);
    };
    const newPayout = (payout: Partial<NewPayout> = {}): NewPayout => {
      const reference = randomUUID();
      return {
        key: `${reference}_payout`,
        amount: minor(123_456n),
        currency: world.currency,
        destinationId: randomUUID(),
        destination: world.destinations.good,
        reference,
        narration: 'Tandem: three reels',
        ...payout,
      };
    };
    const find = (payout: NewPayout) => world.provider.findPayout({ reference: payout.reference, payoutId: null });
    const thrownBy = async (work: Promise<unknown>) =>
      work.then(
        () => null,
        (thrown: unknown) => thrown,
      );
    const refusal = async (work: Promise<unknown>) => {
      const error = await thrownBy(work);
      expect(error).toBeInstanceOf(ProviderRefused);
      return (error as ProviderRefused).code;
    };
    const outage = async (work: Promise<unknown>) => {
      const error = await thrownBy(work);
      expect(error).toBeInstanceOf(ProviderUnavailable);
      return (error as ProviderUnavailable).outcome;
    };
    const listed = async (since: Date) => {
      const rows: ListedPayout[] = [];
      for await (const row of world.provider.listPayouts(since)) rows.push(row);
      return rows;
    };
    /** The next fact of a kind about a payout. */
    const told = async (kind: ProviderFact['kind'], { reference }: NewPayout): Promise<ProviderFact> => {
      for (;;) {
        const { rawBody, headers } = await world.receiver.next(reference);
        const { facts } = await world.webhooks.verifyWebhook(rawBody, headers, new Date());
        const fact = facts.find((one) => one.kind === kind && one.reference === reference);
        if (fact) return fact;
      }
    };

    test('a destination is checked, and named as the other side names it', async () => {
      const check = { id: randomUUID(), destination: world.destinations.good, checkId: null };
      let checked = await world.provider.checkDestination(check);
      if (world.finishChecks) {
        expect(checked).toMatchObject({ status: 'pending', checkId: expect.stringMatching(/./) });
        world.finishChecks();
        checked = await world.provider.checkDestination({ ...check, checkId: checked.checkId });
      }
      expect(checked).toMatchObject({ status: 'valid', name: world.holder });
    });

    test('a destination that is nobody’s is invalid, with a reason', async () => {
      const check = { id: randomUUID(), destination: world.destinations.unknown, checkId: null };
      let checked = await world.provider.checkDestination(check);
      world.finishChecks?.();
      if (checked.status === 'pending') {
        checked = await world.provider.checkDestination({ ...check, checkId: checked.checkId });
      }
      expect(checked).toMatchObject({ status: 'invalid', reason: expect.stringMatching(/./) });
    });

    test('a payout is made to the unit, found by our reference and by its id, and told of', async () => {
      const payout = newPayout();
      const made = await world.provider.createPayout(payout);
      expect(made.payoutId).toMatch(/./);
      expect(['pending', 'processed']).toContain(made.status);
      expect(await world.payoutsOf(payout.reference)).toEqual(['123456']);
      await world.settle?.(payout.reference);
      const fact = await told('payout_processed', payout);
      const { reference } = payout;
      expect(fact).toMatchObject({
        ...{ payoutId: made.payoutId, reference, amount: '123456', currency: world.currency, state: 'processed' },
      });
      for (const payoutId of [null, made.payoutId]) {
        expect(await world.provider.findPayout({ reference, payoutId })).toMatchObject({
          status: 'processed',
          payoutId: made.payoutId,
        });
      }
    });

    test.each(['100', '999999'])('%s minor units reach the provider to the unit', async (amount) => {
      const payout = newPayout({ amount: minor(amount) });
      await world.provider.createPayout(payout);
      expect(await world.payoutsOf(payout.reference)).toEqual([amount]);
    });

    test('a payout called for twice, five times at once, or when its key is forgotten is one payout', async () => {
      const payout = newPayout();
      const all = await Promise.all(Array.from({ length: 5 }, () => world.provider.createPayout(payout)));
      all.push(await world.provider.createPayout(payout));
      world.forgetKeys();
      all.push(await world.provider.createPayout(payout));
      expect(new Set(all.map((made) => made.payoutId)).size).toBe(1);
      expect(await world.payoutsOf(payout.reference)).toHaveLength(1);
    });

    test('a reference used for another amount is refused, and pays nothing more', async () => {
      const payout = newPayout();
      await world.provider.createPayout(payout);
      const other = { ...payout, amount: minor(999n) };
      expect(await refusal(world.provider.createPayout(other))).toBe('IDEMPOTENCY_MISMATCH');
      expect(await world.payoutsOf(payout.reference)).toEqual(['123456']);
    });

    test.each(['answer_lost', 'cut_after'] as const)(
      'a payout whose answer was lost (%s) is unknown and not failed, is found, and is not paid again',
      async (kind) => {
        const payout = newPayout();
        world.line.trouble({ kind }, world.isPayment);
        expect(await world.provider.createPayout(payout)).toMatchObject({ status: 'unknown', payoutId: null });
        world.line.calm();
        const found = await find(payout);
        expect(found?.payoutId).toMatch(/./);
        expect(found?.status).not.toBe('failed');
        expect((await world.provider.createPayout(payout)).payoutId).toBe(found?.payoutId);
        expect(await world.payoutsOf(payout.reference)).toHaveLength(1);
      },
    );

    test('a payout that never got through is unknown, is not found, and is made when called for again', async () => {
      const payout = newPayout();
      world.line.trouble({ kind: 'silence' }, world.isPayment);
      expect((await world.provider.createPayout(payout)).status).toBe('unknown');
      world.line.calm();
      expect(await find(payout)).toBeNull();
      await world.provider.createPayout(payout);
      expect(await world.payoutsOf(payout.reference)).toHaveLength(1);
    });

    test('a server error, and a page from something in between, leave a payout unknown', async () => {
      for (const [status, body] of [
        [503, '{"error":{}}'],
        [500, ''],
        [200, '<html>'],
        [307, '{}'],
      ] as const) {
        world.line.trouble({ kind: 'answered', status, body }, world.isPayment);
        expect([status, (await world.provider.createPayout(newPayout())).status]).toEqual([status, 'unknown']);
      }
    });

    test('too many requests, and a key that is refused: nothing was done', async () => {
      world.line.trouble({ kind: 'answered', status: 429, body: '{}' });
      expect(await outage(world.provider.createPayout(newPayout()))).toBe('not_done');
      world.line.calm();
      const payout = newPayout();
      expect(await outage(world.stranger.createPayout(payout))).toBe('not_done');
      expect(await world.payoutsOf(payout.reference)).toEqual([]);
    });

    test('less than is paid out, another currency, and a destination of another kind are refused as such', async () => {
      const { minPayout = 1n } = world.provider.terms[world.currency] ?? {};
      const refused: [string, Partial<NewPayout>][] = [
        ['BELOW_MINIMUM', { amount: minor(minPayout - 1n) }],
        ['CURRENCY_NOT_TAKEN', { currency: 'XTS' }],
        ['DESTINATION_INVALID', { destination: world.destinations.foreign }],
      ];
      for (const [code, part] of refused) {
        const payout = newPayout(part);
        expect(await refusal(world.provider.createPayout(payout))).toBe(code);
        expect(await world.payoutsOf(payout.reference)).toEqual([]);
      }
    });

    testWith('failures', 'a payout that fails says so by webhook and when asked, with a reason', async () => {
      const payout = newPayout({ destination: world.failing as Destination });
      const made = await world.provider.createPayout(payout);
      const fact = await told('payout_failed', payout);
      expect(fact).toMatchObject({ payoutId: made.payoutId, amount: '123456', state: 'failed' });
      expect(fact.reason).toMatch(/./);
      expect(await find(payout)).toMatchObject({ status: 'failed', reason: expect.stringMatching(/./) });
      expect((await world.provider.createPayout(payout)).payoutId).toBe(made.payoutId);
    });

    test('a payout that was paid and came back says so by webhook and when asked', async () => {
      const payout = newPayout(world.reversing ? { destination: world.reversing } : {});
      const { payoutId } = await world.provider.createPayout(payout);
      await world.settle?.(payout.reference);
      await told('payout_processed', payout);
      await world.reverse?.(payoutId ?? '');
      expect(await told('payout_reversed', payout)).toMatchObject({ payoutId, amount: '123456', state: 'reversed' });
      expect(await find(payout)).toMatchObject({ status: 'reversed', payoutId });
    });

    test('more than the float is queued, and paid or stopped later, but never lost', async () => {
      await world.setBalance(100n);
      const payout = newPayout();
      const made = await world.provider.createPayout(payout);
      expect(made.status).toBe('queued');
      if (world.keepsQueue) {
        const stop = { key: `${payout.reference}_cancel`, reference: payout.reference, payoutId: made.payoutId ?? '' };
        expect((await world.provider.cancelPayout(stop)).status).toBe('cancelled');
        expect((await world.provider.cancelPayout(stop)).status).toBe('cancelled');
        expect((await find(payout))?.status).toBe('cancelled');
      } else {
        expect(await world.payoutsOf(payout.reference)).toEqual([]);
        await world.setBalance(1_000_000_000n);
        expect((await world.provider.createPayout(payout)).status).toBe('processed');
        expect(await world.payoutsOf(payout.reference)).toEqual(['123456']);
      }
    });

    test('what has left is not stopped any more, or is taken back whole', async () => {
      const payout = newPayout();
      const { payoutId } = await world.provider.createPayout(payout);
      await world.settle?.(payout.reference);
      const stop = { key: `${payout.reference}_cancel`, reference: payout.reference, payoutId: payoutId ?? '' };
      if (world.keepsQueue) expect(await refusal(world.provider.cancelPayout(stop))).toBe('TOO_LATE');
      else expect((await world.provider.cancelPayout(stop)).status).toBe('reversed');
      const unknown = { ...stop, payoutId: 'pout_unknown' };
      expect(await refusal(world.provider.cancelPayout(unknown))).toBe('NOT_FOUND');
    });

    test('the balance is what there is, less what was paid', async () => {
      await world.setBalance(500_000n);
      expect(await world.provider.balance(world.currency)).toBe(500_000n);
      await world.provider.createPayout(newPayout());
      expect(await world.provider.balance(world.currency)).toBe(376_544n);
    });

    test('payouts since an instant are listed over several pages, each once', async () => {
      const payouts = Array.from({ length: 105 }, () => newPayout({ amount: minor(100n) }));
      for (const payout of payouts) await world.provider.createPayout(payout);
      const rows = await listed(new Date(Date.now() - 60_000));
      const references = rows.map((row) => row.reference);
      for (const { reference } of payouts) expect(references).toContain(reference);
      expect(new Set(rows.map((row) => row.payoutId)).size).toBe(rows.length);
      expect(await listed(new Date(Date.now() + 86_400_000))).toEqual([]);
    });

    // Last: the line is not mended.
    test('a provider that is down: nothing was done', async () => {
      await world.line.close();
      const payout = newPayout();
      // A connection kept from before may be cut under the first calls; those cannot know.
      await expect.poll(async () => ((await thrownBy(find(payout))) as ProviderUnavailable)?.outcome).toBe('not_done');
      expect(await outage(world.provider.createPayout(payout))).toBe('not_done');
      expect(await outage(world.provider.balance(world.currency))).toBe('not_done');
    });
  });
}
