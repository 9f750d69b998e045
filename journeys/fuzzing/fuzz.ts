import { drawOf } from '../chance.ts';
import { type Json, register } from '../person.ts';
import { createIds } from './ids.ts';
import { readOperations } from './operations.ts';
import { openVictims, ROLES, type Target } from './people.ts';
import { createReport, type Report } from './report.ts';
import { askAtRandom } from './requesting.ts';
import { speakAtRandom } from './speaking.ts';

/**
 * Requests and frames made from both documents: such as they say, nearly such, and such as nobody would send in good
 * faith; with other people's ids, without a token, with a wrong one. What is wrong with what comes of it is in the report.
 */

export type Fuzz = {
  seed: number;
  requests: number;
  frames: number;
  atOnce: number;
  /** Parts of routes' names, where not all are to be asked. */
  only?: readonly string[];
  /** Ends it early, and looks at what it has come to. */
  stopping?: AbortSignal;
};

const NEVER = new AbortController().signal;

export async function fuzz(
  target: Target,
  { seed, requests, frames, atOnce, only = [], stopping = NEVER }: Fuzz,
): Promise<Report> {
  const report = createReport();
  const ids = createIds();
  const operations = await readOperations(target.url);
  const victims = await openVictims(target, ids);
  const before = await victims.standing();
  const common = { target, victims, ids, report, only, stopping };
  await Promise.all([
    askAtRandom({ ...common, draw: drawOf(seed), many: requests, atOnce }, operations),
    speakAtRandom({ ...common, draw: drawOf(seed + 1), many: frames, atOnce: Math.max(2, atOnce / 2) }),
  ]);
  if ((await victims.standing()) !== before) report.fault('what others have was changed', before.slice(0, 600));
  await afterwards(target, report);
  return report;
}

/** The books are in order, and whoever is new is served. */
async function afterwards(target: Target, report: Report): Promise<void> {
  const { body } = await (await target.admin()).get('/api/admin/reconciliation?whole=true');
  for (const check of body.data.checks.filter(({ ok }: Json) => !ok)) report.fault(`broken: ${check.name}`, '');
  const person = await register(target.url, ROLES);
  const campaign = { title: 'Monsoon', description: 'Three reels', budget: '20000' };
  for (const answer of [await person.get('/readyz'), await person.post('/api/campaigns', campaign)]) {
    if (answer.status >= 300) report.fault(`not well afterwards: ${answer.status}`, JSON.stringify(answer.body));
  }
}
