import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, which nothing of them tells beforehand: without `.int.test.ts`. */
export const LONG = [
  'local/start',
  'local/sight',
  'local/guide',
  'journeys/languages',
  'journeys/crashes',
  'journeys/rules',
  'journeys/badInput',
  'journeys/paid',
  'journeys/trade',
  'journeys/kinds',
  'journeys/inTurn',
  'journeys/release',
  'journeys/payout',
  'journeys/stream',
  'journeys/battle',
  'journeys/endings',
  'journeys/money',
  'worker/process',
  'worker/seasons',
  'journeys/boost',
  'journeys/chargeBack',
  'journeys/rollout',
  'journeys/mishaps',
  'journeys/recordings',
  'journeys/runningMoney',
  'journeys/tradingCrashes',
  'journeys/earning',
  'journeys/notification',
  'journeys/firstDeal',
  'journeys/walk',
  'journeys/nodes',
  'journeys/traces',
  'journeys/secrets',
  'journeys/privateLogs',
  'worker/patching',
  'worker/publisher',
];

const root = fileURLToPath(new URL('..', import.meta.url));
const places = new Map(LONG.map((name, place) => [`${name}.int.test.ts`, place]));

/** The long ones first, so that none of them is begun when all others are done; then by size, the largest first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification) => places.get(relative(root, moduleId)) ?? places.size;
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => placeOf(a) - placeOf(b));
  }
}
