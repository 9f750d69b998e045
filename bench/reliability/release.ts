import type { ClickedDeal } from '../clicks/deals.ts';
import { atOnce } from '../clicks/deals.ts';
import type { Program } from '../clicks/stack.ts';
import { type Finding, type Plan, seconds } from './finding.ts';
import { approve, brokenIn, idsOf, paid, type Stage, submittedDeals, until, untilRunning } from './stage.ts';

/** What is approved is paid, once, however many workers there are, and though one of them is killed at it. */

const WORKERS = [1, 2, 4];
const WITHIN_MS = 240_000;
/** A deal of ₹5,000, less the fee, in paise. */
const ARRIVES = 450_000;

export async function measureRelease(stage: Stage, { approved }: Plan): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const workers of WORKERS) found.push(await releaseWith(stage, workers, approved));
  return found;
}

async function releaseWith(stage: Stage, workers: number, many: number): Promise<Finding> {
  const deals = await submittedDeals(stage, many);
  const before = await inWallets(stage);
  const running: Program[] = [];
  for (let number = 0; number < workers; number += 1) running.push(await stage.addWorker());
  await untilRunning(stage, many, 'work_submitted');
  const began = performance.now();
  const killing = killAt(stage, deals, running[0] as Program);
  await atOnce(many, (number) => approve(stage, deals[number] as ClickedDeal));
  const all = await until(async () => (await paid(stage, deals)) === many, WITHIN_MS);
  const took = performance.now() - began;
  running.push(await killing);
  const released = await stage.count(
    `SELECT count(*) FROM steps WHERE command = 'money_released' AND process_id = ANY($1)`,
    idsOf(deals),
  );
  const arrived = (await inWallets(stage)) - before;
  const broken = await brokenIn(stage);
  for (const worker of running.slice(1)) await worker.stop();
  const isOnce = released === many && arrived === many * ARRIVES && broken.length === 0;
  return {
    what: `${many} approvals by ${workers === 1 ? 'one worker' : `${workers} workers`}, one killed in the midst`,
    before: 'each paid once',
    now: `${await paid(stage, deals)} paid after ${seconds(took)}, ${released} releases, ${isOnce ? 'every rupee there once' : `${arrived} of ${many * ARRIVES} paise, broken: ${broken.join(', ') || 'nothing'}`}`,
    holds: all !== null && isOnce,
  };
}

/** Kills a worker when a quarter is paid, and has another come. */
async function killAt(stage: Stage, deals: readonly ClickedDeal[], worker: Program): Promise<Program> {
  await until(async () => (await paid(stage, deals)) >= deals.length / 4, WITHIN_MS);
  worker.kill('SIGKILL');
  await worker.ended;
  return stage.addWorker();
}

function inWallets(stage: Stage): Promise<number> {
  return stage.count(`SELECT sum(balance) FROM ledger_accounts WHERE kind = 'wallet' AND asset = 'INR'`);
}
