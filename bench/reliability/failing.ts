import { atOnce, type ClickedDeal } from '../clicks/deals.ts';
import { type Finding, type Plan, seconds } from './finding.ts';
import { approve, idsOf, paid, type Stage, submittedDeals, until, untilRunning } from './stage.ts';

/** Deals whose money cannot be moved, beside others: Postgres itself refuses them. */

const WITHIN_MS = 30_000;
const HEALED_WITHIN_MS = 180_000;

/** As many as the SDK has of itself: with these, 40 deals that failed left 2 of 20 others paid. */
const SETTINGS = { WORKER_WORKFLOW_SLOTS: '40', TRIES_BEFORE_ATTENTION: '3' };

const SICKNESS = `
  CREATE TABLE sick (id uuid PRIMARY KEY);
  CREATE FUNCTION refuse_sick() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF EXISTS (SELECT FROM sick WHERE id = NEW.process_id) THEN RAISE EXCEPTION 'its books are closed'; END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER refuse_sick BEFORE UPDATE ON promises FOR EACH ROW EXECUTE FUNCTION refuse_sick();
`;

export async function measureFailing(stage: Stage, { failing, healthy }: Plan): Promise<Finding[]> {
  const deals = await submittedDeals(stage, failing + healthy);
  const [sick, well] = [deals.slice(0, failing), deals.slice(failing)];
  await stage.run(SICKNESS);
  await stage.count('INSERT INTO sick SELECT unnest($1::uuid[])', idsOf(sick));
  const worker = await stage.addWorker(SETTINGS);
  await untilRunning(stage, deals.length, 'work_submitted');
  const approveAll = (some: readonly ClickedDeal[]) =>
    atOnce(some.length, (number) => approve(stage, some[number] as ClickedDeal));
  await approveAll(sick);
  await approveAll(well);
  const took = await until(async () => (await paid(stage, well)) === healthy, WITHIN_MS);
  const inTime = await paid(stage, well);
  const tasks = (closed: string) =>
    stage.count(`SELECT count(*) FROM tasks WHERE kind = 'activity_fails' AND closed_at IS ${closed}`);
  const called = await until(async () => (await tasks('NULL')) === failing, 60_000);
  const early = await paid(stage, sick);
  await stage.run('DELETE FROM sick');
  const healed = await until(async () => (await paid(stage, sick)) === failing, HEALED_WITHIN_MS);
  const closed = await until(async () => (await tasks('NULL')) === 0, 30_000);
  await worker.stop();
  return [
    {
      what: `${failing} deals whose money cannot be moved, and ${healthy} others, with 40 slots`,
      before: '40 failing: 2 of 20 others paid; 45: none',
      now: `${inTime} of ${healthy} others paid${took === null ? ` within ${seconds(WITHIN_MS)}` : `, all after ${seconds(took)}`}`,
      holds: took !== null && early === 0,
    },
    {
      what: 'the same when it can be moved again',
      before: null,
      now: `${called === null ? 'not all' : 'all'} had called an operator; ${healed === null ? `${await paid(stage, sick)} of ${failing} paid` : `all ${failing} paid after ${seconds(healed)}`}, ${closed === null ? 'some tasks are left open' : 'every task closed by itself'}`,
      holds: called !== null && healed !== null && closed !== null,
    },
  ];
}
