import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { openErrand } from '#db/errand/testing/errands.ts';
import { findProcess } from '#db/process/processes.ts';
import { expectBooksInOrder, untilSettled } from './books.ts';
import { giveErrand } from './errand.ts';
import { openParts, type Parts } from './parts.ts';
import { bringTo, newSides, type Sides, signInAgain } from './play.ts';
import { describeEndings } from './testing/describeEndings.ts';
import { describeRaces } from './testing/describeRaces.ts';

/** What holds for every kind of process, on all real servers. */

let place: Parts;
let sides: Sides;

beforeAll(async () => {
  place = await openParts();
  sides = await newSides(place);
});
afterAll(async () => {
  await expectBooksInOrder(place);
  await place?.close();
});
afterEach(async () => {
  place.faults.signal = place.faults.effected = place.faults.provider = undefined;
  place.clock.stopped = null;
  if (!place.relay()) await place.startWorker();
});

const here = () => place;
const RELEASED = { external: -500_000n, wallet: 450_000n, fee: 50_000n };
const DAY_MS = 24 * 3_600_000;

describeRaces(
  {
    kind: 'deal',
    on: 'approve_work',
    async bring(at, within) {
      const policy = within === undefined ? {} : { approve_within: within };
      return (await bringTo(at, sides, 'work_submitted', { policy })).id;
    },
    async give(at, id) {
      return (await brandAt(at).then((brand) => brand.click(id, 'approve_work'))).status === 200;
    },
    tells: { given: 'money_released', silent: 'money_released' },
    ends: { given: 'real_time', silent: 'real_time' },
    async expectSettled(at, id) {
      expect(await untilSettled(at, id)).toEqual(RELEASED);
    },
  },
  here,
);

describeRaces(
  {
    kind: 'errand',
    on: 'finish',
    bring: (at, within) => openedErrand(at, within),
    async give(at, id) {
      const { seats } = (await findProcess(at.pool, id)) ?? {};
      return giveErrand(at, id, 'finish', seats?.runner ?? '');
    },
    tells: { given: 'money_moved', silent: 'money_moved' },
    ends: { given: 'done', silent: 'expired' },
    async expectSettled(at, id) {
      expect(await untilSettled(at, id)).toEqual({});
    },
  },
  here,
);

describeEndings(
  {
    kind: 'errand',
    silences: [{ state: 'open', lastsMs: DAY_MS, end: 'expired' }],
    bring: (at) => openedErrand(at),
    async expectEnd(at, id) {
      expect(await untilSettled(at, id)).toEqual({});
    },
  },
  here,
);

async function openedErrand(at: Parts, within?: string): Promise<string> {
  const pair = { brand_owner: sides.brand.id, influencer: sides.influencer.id };
  const id = await openErrand(at.pool, pair, at.deps.now().toISOString(), within);
  at.deps.ring(id);
  return id;
}

/** Where the API's clock was moved on, tokens have run out. */
async function brandAt(at: Parts) {
  return at.clock.stopped === null ? sides.brand : signInAgain(at, sides.brand);
}
