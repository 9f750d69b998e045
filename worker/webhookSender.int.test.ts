import { randomBytes, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { publish } from '#db/event/publications.ts';
import { createPool, type Pool, sql } from '#db/pool.ts';
import { createSecrets } from '#db/secrets.ts';
import { listTasks } from '#db/task/tasks.ts';
import { insertDelivery, listAttempts, listDeliveries, recoverSince } from '#db/webhook/deliveries.ts';
import { findEndpoint, insertEndpoint, newSecret, rotateSecret, updateEndpoint } from '#db/webhook/endpoints.ts';
import { createTestDatabase } from '#local/testStack.ts';
import { bodyOf } from '#workflows/boost/body.ts';
import type { CreditOrBoostEvent } from '#workflows/boost/contract.ts';
import { openReceiver, type Receiver } from './testing/receiver.ts';
import type { Turns } from './turns.ts';
import { SCHEDULE_MS, startWebhookSender } from './webhookSender.ts';

const WAIT = { timeout: 30_000, interval: 20 };
const log = pino({ level: 'silent' });
const secrets = createSecrets(randomBytes(32).toString('base64'));

let pool: Pool;
let receiver: Receiver;
let senders: Turns[];
/** How far the sender's clock is ahead. */
let ahead: number;
const iso = () => new Date(Date.now() + ahead).toISOString();

beforeEach(async () => {
  pool = createPool(await createTestDatabase(), { size: 6 });
  receiver = await openReceiver();
  senders = [];
  ahead = 0;
});
afterEach(async () => {
  await Promise.all(senders.map((sender) => sender.stop()));
  await receiver.close();
  await pool.end();
});

function sending(allowed = ['127.0.0.1']): void {
  const now = () => new Date(Date.now() + ahead);
  senders.push(startWebhookSender({ pool, secrets, log, now, allowedHosts: new Set(allowed) }));
}

async function endpoint(given: { url?: string; types?: string[]; headers?: Record<string, string> } = {}) {
  const made = {
    id: uuid(),
    url: given.url ?? receiver.url,
    description: '',
    event_types: given.types ?? null,
    headers: given.headers ?? {},
    secret: newSecret(),
    now: iso(),
  };
  await insertEndpoint(pool, secrets, made);
  return made;
}

function boosted(type: 'profile_boost' | 'gig_boost' = 'profile_boost'): CreditOrBoostEvent {
  return {
    type,
    userId: randomUUID(),
    targetId: randomUUID(),
    amount: 100,
    duration: 24,
    eventId: `boost_${randomUUID()}`,
    timestamp: iso(),
  };
}

async function happen(...events: CreditOrBoostEvent[]): Promise<void> {
  await pool.transaction((transaction) =>
    publish(
      transaction,
      events.map((event) => ({ routingKey: 'boost.event' as const, about: `profile/${event.userId}`, event })),
    ),
  );
}

const countUndelivered = async () =>
  Number(
    await pool.oneFirst(sql.type(z.object({ count: z.bigint() }))`
      SELECT count(*) AS count FROM publications WHERE delivered_at IS NULL
    `),
  );
const deliveries = (endpointId: string) => listDeliveries(pool, endpointId, { status: null, limit: 100, before: null });
const untilArrived = (many: number) => vi.waitFor(() => expect(receiver.received).toHaveLength(many), WAIT);
async function untilStatus(endpointId: string, status: string, tries?: number) {
  return vi.waitFor(async () => {
    const all = await deliveries(endpointId);
    expect(all.length).toBeGreaterThan(0);
    for (const each of all) expect([each.status, tries ?? each.tries]).toEqual([status, each.tries]);
    return all;
  }, WAIT);
}

test('an event reaches every endpoint that wants it, signed so that a receiver’s library takes it, with its own headers', async () => {
  const wants = await endpoint({ types: ['profile_boost'], headers: { 'x-shop': '7' } });
  const other = await endpoint({ types: ['gig_boost'] });
  const event = boosted();
  await happen(event);
  sending();
  await untilArrived(1);
  const [{ headers, body }] = receiver.received as [Receiver['received'][number]];
  expect(new Webhook(wants.secret).verify(body, headers as Record<string, string>)).toEqual(event);
  expect(body).toBe(JSON.stringify(event));
  expect(headers).toMatchObject({ 'webhook-id': event.eventId, 'x-shop': '7', 'content-type': 'application/json' });
  expect(() => new Webhook(other.secret).verify(body, headers as Record<string, string>)).toThrow();
  const [delivery] = await untilStatus(wants.id, 'arrived', 1);
  const [attempt] = await listAttempts(pool, delivery?.id ?? '');
  expect(attempt).toMatchObject({ n: 1, status: 204, failure: null });
  expect(attempt?.request_headers).toMatchObject({ 'webhook-id': event.eventId, 'x-shop': '(kept secret)' });
  expect(await deliveries(other.id)).toEqual([]);
});

test('two senders side by side send each message once', async () => {
  const made = await endpoint();
  const events = Array.from({ length: 60 }, () => boosted());
  await happen(...events);
  sending();
  sending();
  await vi.waitFor(async () => {
    expect((await deliveries(made.id)).filter(({ status }) => status === 'arrived')).toHaveLength(60);
  }, WAIT);
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect([...ids].sort()).toEqual(events.map(({ eventId }) => eventId).sort());
});

test('what fails is tried again after 5 s, 5 min, 30 min, 2, 5, 10 and 10 h with the same id, and then has failed', async () => {
  expect(SCHEDULE_MS.map((ms) => ms / 1_000)).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 36_000]);
  receiver.answer = () => ({ status: 500, body: 'no'.repeat(5_000) });
  const made = await endpoint();
  const event = boosted();
  await happen(event);
  sending();
  for (const [place, pause] of SCHEDULE_MS.entries()) {
    const tries = place + 1;
    const [delivery] = await untilStatus(made.id, 'waiting', tries);
    await vi.waitFor(async () => expect(await listAttempts(pool, delivery?.id ?? '')).toHaveLength(tries), WAIT);
    const try_after = (await deliveries(made.id))[0]?.try_after ?? '';
    const { at } = (await listAttempts(pool, delivery?.id ?? '')).at(-1) as { at: string };
    const gap = Date.parse(try_after) - Date.parse(at);
    expect(gap).toBeGreaterThanOrEqual(pause);
    expect(gap).toBeLessThan(pause + 5_000);
    ahead += pause;
  }
  const [delivery] = await untilStatus(made.id, 'failed', 8);
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([event.eventId]));
  expect(receiver.received).toHaveLength(8);
  const attempts = await listAttempts(pool, delivery?.id ?? '');
  for (const { status, answer } of attempts) {
    expect(status).toBe(500);
    expect(Buffer.byteLength(answer ?? '')).toBe(2_048);
  }
  // It is not disabled after a day of failures.
  expect((await findEndpoint(pool, secrets, made.id))?.disabled_at).toBeNull();
});

test('an endpoint at which nothing arrived for 120 h is disabled, with a notice; what waits for it is dropped', async () => {
  receiver.answer = () => ({ status: 503 });
  const made = await endpoint();
  await happen(boosted());
  sending();
  await untilStatus(made.id, 'waiting', 1);
  await vi.waitFor(
    async () => expect((await findEndpoint(pool, secrets, made.id))?.failing_since).not.toBeNull(),
    WAIT,
  );
  ahead = 119 * 3_600_000;
  await happen(boosted());
  await vi.waitFor(() => expect(receiver.received.length).toBeGreaterThanOrEqual(3), WAIT);
  expect((await findEndpoint(pool, secrets, made.id))?.disabled_at).toBeNull();
  ahead = 121 * 3_600_000;
  await vi.waitFor(async () => {
    expect(await findEndpoint(pool, secrets, made.id)).toMatchObject({ disabled_why: 'failing' });
  }, WAIT);
  const [task] = await listTasks(pool, { open: true, kind: 'webhook_disabled', limit: 5, before: null });
  expect(task?.details).toMatchObject({ endpoint_id: made.id, why: 'failing' });
  ahead = 200 * 3_600_000;
  await untilStatus(made.id, 'dropped');
  const asked = receiver.received.length;
  await happen(boosted());
  const proof = await endpoint({ url: `http://127.0.0.1:${receiver.port}/proof` });
  await happen(boosted());
  await vi.waitFor(() => expect(receiver.received.some(({ path }) => path === '/proof')).toBe(true), WAIT);
  expect(receiver.received.filter(({ path }) => path === '/hook')).toHaveLength(asked);
  expect(proof.id).not.toBe(made.id);
});

test('one delivery that arrives ends what is counted against an endpoint', async () => {
  receiver.answer = () => ({ status: 500 });
  const made = await endpoint();
  await happen(boosted());
  sending();
  await vi.waitFor(
    async () => expect((await findEndpoint(pool, secrets, made.id))?.failing_since).not.toBeNull(),
    WAIT,
  );
  receiver.answer = () => ({ status: 200 });
  ahead = 6_000;
  await untilStatus(made.id, 'arrived');
  expect((await findEndpoint(pool, secrets, made.id))?.failing_since).toBeNull();
});

test('410 says that nobody wants to hear from us there: the endpoint is disabled at once', async () => {
  receiver.answer = () => ({ status: 410 });
  const made = await endpoint();
  await happen(boosted());
  sending();
  await untilStatus(made.id, 'failed', 1);
  expect(await findEndpoint(pool, secrets, made.id)).toMatchObject({ disabled_why: 'gone' });
  expect(await listTasks(pool, { open: true, kind: 'webhook_disabled', limit: 5, before: null })).toHaveLength(1);
});

test('after a rotation both secrets sign for 24 h, and then the new one alone', async () => {
  const made = await endpoint();
  const next = newSecret();
  await rotateSecret(pool, secrets, { id: made.id, secret: next, now: iso() });
  await happen(boosted());
  sending();
  await untilArrived(1);
  const verifies = (secret: string, place: number) => {
    const { body, headers } = receiver.received[place] as Receiver['received'][number];
    try {
      const signature = headers as Record<string, string>;
      // A library that looks at its own clock would refuse one from tomorrow.
      const at = new Date(Number(signature['webhook-timestamp']) * 1_000);
      return signature['webhook-signature']
        ?.split(' ')
        .includes(new Webhook(secret).sign(signature['webhook-id'] ?? '', at, body));
    } catch {
      return false;
    }
  };
  expect([verifies(made.secret, 0), verifies(next, 0)]).toEqual([true, true]);
  ahead = 24 * 3_600_000 + 1_000;
  await happen(boosted());
  await untilArrived(2);
  expect([verifies(made.secret, 1), verifies(next, 1)]).toEqual([false, true]);
});

test('a redirect is not followed, and one who hangs up has failed', async () => {
  receiver.answer = ({ path }) =>
    path === '/hook'
      ? { status: 302, headers: { location: `http://127.0.0.1:${receiver.port}/elsewhere` } }
      : 'silence';
  const redirecting = await endpoint();
  const silent = await endpoint({ url: `http://127.0.0.1:${receiver.port}/silent` });
  await happen(boosted());
  sending();
  for (const { id } of [redirecting, silent]) await untilStatus(id, 'waiting', 1);
  await vi.waitFor(async () => {
    const [one] = await deliveries(redirecting.id);
    const [other] = await deliveries(silent.id);
    expect(await listAttempts(pool, one?.id ?? '')).toMatchObject([{ status: 302 }]);
    expect(await listAttempts(pool, other?.id ?? '')).toMatchObject([{ status: null, failure: expect.any(String) }]);
  }, WAIT);
  expect(receiver.received.map(({ path }) => path).sort()).toEqual(['/hook', '/silent']);
});

test.each(['http', 'https'])(
  'an address inside is not asked by %s, whatever name leads there, unless it is allowed',
  async (protocol) => {
    const made = await Promise.all(
      ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433'].map((host) =>
        endpoint({ url: `${protocol}://${host}:${receiver.port}/hook` }),
      ),
    );
    await happen(boosted());
    sending([]);
    for (const { id } of made) {
      await untilStatus(id, 'waiting', 1);
      await vi.waitFor(async () => {
        const [delivery] = await deliveries(id);
        expect(await listAttempts(pool, delivery?.id ?? '')).toMatchObject([
          { status: null, failure: expect.stringMatching(/^refused: /) },
        ]);
      }, WAIT);
    }
    expect(receiver.received).toEqual([]);
  },
);

test('what failed, and what happened while an endpoint was disabled, is recovered since an instant, each once', async () => {
  const made = await endpoint();
  const since = iso();
  const off = { url: made.url, description: '', event_types: null, headers: {}, now: since };
  await updateEndpoint(pool, secrets, made.id, { ...off, disabled: true });
  const missed = [boosted(), boosted('gig_boost')];
  await happen(...missed);
  sending();
  await happen(boosted());
  await vi.waitFor(async () => expect(await countUndelivered()).toBe(0), WAIT);
  expect(await deliveries(made.id)).toEqual([]);
  await updateEndpoint(pool, secrets, made.id, { ...off, disabled: false });
  const recover = () =>
    pool.transaction((transaction) => recoverSince(transaction, made.id, { since, now: iso(), bodyOf }));
  expect(await recover()).toBe(3);
  expect(await recover()).toBe(0);
  await untilStatus(made.id, 'arrived');
  const heard = receiver.received.filter(({ path }) => path === '/hook').map(({ headers }) => headers['webhook-id']);
  expect(heard).toEqual(expect.arrayContaining(missed.map(({ eventId }) => eventId)));
  expect(new Set(heard).size).toBe(3);
});

test('one that arrived is sent again when it is asked for, with the id it had', async () => {
  const made = await endpoint();
  const event = boosted();
  await happen(event);
  sending();
  await untilStatus(made.id, 'arrived', 1);
  const again = { endpointId: made.id, messageId: event.eventId, type: event.type, body: bodyOf(event), now: iso() };
  await insertDelivery(pool, again);
  await untilArrived(2);
  const [delivery] = await untilStatus(made.id, 'arrived');
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([event.eventId]));
  await vi.waitFor(async () => expect(await listAttempts(pool, delivery?.id ?? '')).toHaveLength(2), WAIT);
});
