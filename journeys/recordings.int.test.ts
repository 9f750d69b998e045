import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rule } from '#workflows/collaboration/messages.ts';
import { untilSettled } from './books.ts';
import { until } from './person.ts';
import { openPlace, type Place } from './place.ts';
import {
  bringTo,
  capture,
  commandsOf,
  newSides,
  ok,
  openDeal,
  order,
  type Played,
  type Sides,
  untilState,
} from './play.ts';
import { untilShown, untilStatus } from './told.ts';

/**
 * What deals that are played now leave in Temporal replays against the code that played them. With RECORD=1 it is kept
 * in `workflows/collaboration/histories/`, where `worker/replay.test.ts` holds the code of every later day to it.
 */

const HISTORIES = fileURLToPath(new URL('../workflows/collaboration/histories/', import.meta.url));
const workflowsPath = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));

let place: Place;
let sides: Sides;

beforeAll(async () => {
  place = await openPlace();
  sides = await newSides(place);
});
afterAll(() => place?.close());

const DEALS: Record<string, () => Promise<Played>> = {
  async 'a campaign from application to release'() {
    const played = await bringTo(place, sides, 'real_time');
    await untilStatus(place, played.id, 'COMPLETED');
    return played;
  },

  async 'a bid that was negotiated and revised'() {
    const played = await bringTo(place, sides, 'influencer_final_response', { kind: 'bid' });
    const { id, brand, influencer } = played;
    await ok(influencer.click(id, 'negotiate_price'));
    await ok(influencer.input(id, 'negotiation', '5,250.50'));
    await ok(brand.click(id, 'accept_negotiation', { price: '5250.50' }));
    await order(played);
    await capture(place, played, { amount: 525_050 });
    await untilState(place, id, 'payment_completed');
    await ok(influencer.click(id, 'start_work'));
    for (const feedback of ['Louder', 'Softer']) {
      await ok(influencer.click(id, 'submit_work', { deliverables: 'https://drive.example/reels' }));
      await ok(brand.click(id, 'request_revision', { feedback }));
    }
    await ok(influencer.click(id, 'submit_work', { deliverables: 'https://drive.example/reels' }));
    await ok(brand.click(id, 'approve_work', { feedback: 'Lovely' }));
    await untilState(place, id, 'real_time');
    await untilStatus(place, id, 'COMPLETED');
    return played;
  },

  async 'a dispute that was ruled on in the Web UI'() {
    const played = await bringTo(place, sides, 'disputed');
    const { id, influencer } = played;
    await ok(influencer.input(id, 'dispute_statement', 'All three are there'));
    await untilShown(place, id);
    await place.workflowOf(id).executeUpdate(rule, { args: [{ release_percent: 60, reason: 'Two of three reels' }] });
    await untilSettled(place, id);
    await untilStatus(place, id, 'COMPLETED');
    return played;
  },

  async 'a capture that came after the withdrawal, and was refunded'() {
    const played = await bringTo(place, sides, 'payment_pending');
    await order(played);
    await ok(played.brand.click(played.id, 'withdraw'));
    await untilStatus(place, played.id, 'COMPLETED');
    await capture(place, played);
    await until(
      () => commandsOf(place, played.id),
      (commands) => commands.at(-1) === 'refund_settled',
    );
    await untilStatus(place, played.id, 'COMPLETED');
    return played;
  },

  async 'a deadline that passed, with its reminder'() {
    const played = await openDeal(sides, 'campaign', { answer_within: 'PT2S' });
    await untilState(place, played.id, 'chat_closed');
    await untilStatus(place, played.id, 'COMPLETED');
    return played;
  },
};

/** An ended deal may be told again, by a run that finds nothing to do: what is recorded is the one that did it all. */
async function firstRunOf(id: string) {
  const query = `WorkflowId = 'collaboration-${id}'`;
  const runs = await until(
    async () => {
      const found: { runId: string; startTime: Date }[] = [];
      for await (const run of place.client.workflow.list({ query })) found.push(run);
      return found.sort((one, other) => one.startTime.getTime() - other.startTime.getTime());
    },
    (found) => found.length > 0,
  );
  return place.client.workflow.getHandle(`collaboration-${id}`, runs[0]?.runId);
}

test.for(Object.keys(DEALS))('%s', async (name) => {
  const { id } = await (DEALS[name] as () => Promise<Played>)();
  const history = await firstRunOf(id).then((run) => run.fetchHistory());
  await Worker.runReplayHistory({ workflowsPath }, history, `collaboration-${id}`);
  expect(history.events?.length).toBeGreaterThan(5);
  if (!process.env.RECORD) return;
  mkdirSync(HISTORIES, { recursive: true });
  const recorded = { name, workflowId: `collaboration-${id}`, history: JSON.parse(historyToJSON(history)) };
  writeFileSync(`${HISTORIES}${name.replaceAll(/\W+/g, '-')}.json`, `${JSON.stringify(recorded, null, 1)}\n`);
});
