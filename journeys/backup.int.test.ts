import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { migrate } from '#db/migrate.ts';
import { retellAll } from '#db/process/relays.ts';
import { backUp } from '#local/backup.ts';
import { freePort } from '#local/ports.ts';
import { type Postgres, startPostgres } from '#local/postgres.ts';
import { expectBooksInOrder, untilSettled } from './books.ts';
import { openParts, type Parts } from './parts.ts';
import { until } from './person.ts';
import { bringTo, capture, newSides, ok, order, type Played, signInAgain, untilState } from './play.ts';

/** A machine is lost, and with it Temporal: from a base backup that was made under load everything goes on. */

const folder = mkdtempSync(join(tmpdir(), 'tandem-backup-'));
const running: Postgres[] = [];

afterAll(async () => {
  for (const postgres of running) await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(name: string): Promise<Postgres> {
  const dir = join(folder, name);
  const postgres = await startPostgres({
    dir,
    port: await freePort(),
    log: join(folder, `${name}.log`),
    durable: false,
  });
  running.push(postgres);
  return postgres;
}

/** The same two, of the place that there is now. */
async function again(place: Parts, played: Played): Promise<Played> {
  const [brand, influencer] = await Promise.all([
    signInAgain(place, played.brand),
    signInAgain(place, played.influencer),
  ]);
  return { ...played, brand, influencer };
}

/** Says things until it is told to stop. Answers what was acknowledged, each with when that was. */
function chatter({ brand, id }: Played) {
  const said: { message: string; at: number }[] = [];
  let going = true;
  const ended = (async () => {
    for (let n = 1; going; n += 1) {
      const message = `Number ${n}`;
      await ok(brand.post('/api/messages/send', { conversation_id: id, message }));
      said.push({ message, at: performance.now() });
    }
  })();
  return {
    said,
    async end() {
      going = false;
      await ended;
    },
  };
}

test('from a base backup that was made under load, with a Temporal that knows nothing, open deals go on and the books are in order', async () => {
  const lost = await start('lost');
  await migrate(lost.url);
  const before = await openParts({ databaseUrl: lost.url });
  const sides = await newSides(before);
  const submitted = await bringTo(before, sides, 'work_submitted');
  const unpaid = await bringTo(before, sides, 'payment_pending');
  await order(unpaid);
  // Decided and owed, and nobody has told its workflow.
  const approved = await bringTo(before, sides, 'work_submitted');
  await before.stopRelay();
  await ok(approved.brand.click(approved.id, 'approve_work'));

  const talk = chatter(submitted);
  await until(
    async () => talk.said.length,
    (many) => many >= 5,
  );
  const began = performance.now();
  await backUp(lost.url, join(folder, 'kept'));
  const many = talk.said.length;
  await until(
    async () => talk.said.length,
    (now) => now > many,
  );
  await talk.end();
  await before.close();
  await lost.stop();
  rmSync(join(folder, 'lost'), { recursive: true, force: true });

  const kept = await start('kept');
  // A namespace of its own, in which nothing ever ran.
  const place = await openParts({ databaseUrl: kept.url });
  try {
    expect(await retellAll(place.pool)).toBeGreaterThanOrEqual(3);
    const { brand, id } = await again(place, submitted);
    const messages = await ok(brand.get(`/api/messages/conversations/${id}/messages?limit=100`));
    const texts = new Set(messages.map(({ message }: { message: string }) => message));
    const acknowledged = talk.said.filter(({ at }) => at < began).slice(-50);
    expect(acknowledged.filter(({ message }) => !texts.has(message))).toEqual([]);

    expect(await untilSettled(place, approved.id)).toEqual({ external: -500_000n, wallet: 450_000n, fee: 50_000n });
    expect((await capture(place, unpaid)).status).toBe(200);
    await untilState(place, unpaid.id, 'payment_completed');
    await ok(brand.click(id, 'approve_work'));
    await untilState(place, id, 'real_time');
    expect(await untilSettled(place, id)).toEqual({ external: -500_000n, wallet: 450_000n, fee: 50_000n });
    const { influencer } = await again(place, unpaid);
    await ok(influencer.click(unpaid.id, 'decline_work'));
    await untilState(place, unpaid.id, 'chat_closed');
    await expectBooksInOrder(place);
  } finally {
    await place.close();
  }
});
