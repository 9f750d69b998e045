import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';

/** What Schedules have done regularly, by name. */
export const JOBS = [
  'check_books',
  'ask_closed_orders',
  'clean_up_boosts',
  'tend_charge_backs',
  'compare_providers',
  'issue_invoices',
  'build_recommendations',
  'end_season',
  'remind_of_expiries',
  'forget_old',
] as const;
export type JobName = (typeof JOBS)[number];

/** What the workflow has done in the world. Types only: the functions live in `activities/`. */
export type JobActivities = {
  /** Does a part of a job, from where the last part stopped. Answers where it stopped, or null when all is done. */
  work(asked: { job: JobName; from: string | null; now: string }): Promise<{ done: string; next: string | null }>;
};

const { work } = proxyActivities<JobActivities>({
  startToCloseTimeout: '10 minutes',
  // A worker that dies at it says nothing any more, and another takes the part up.
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '5 seconds', maximumInterval: '5 minutes', maximumAttempts: 20 },
});

/** Parts of one run: what is left then is the next run's, a Schedule later. */
const PARTS_AT_MOST = 200;

/** A job of the operators, in parts. */
export async function job({ name }: { name: JobName }): Promise<string[]> {
  const done: string[] = [];
  let from: string | null = null;
  for (let part = 0; part < PARTS_AT_MOST; part += 1) {
    const result: Awaited<ReturnType<JobActivities['work']>> = await work({
      job: name,
      from,
      now: new Date().toISOString(),
    });
    done.push(result.done);
    setCurrentDetails(done.slice(-20).join('\n\n'));
    from = result.next;
    if (from === null) break;
  }
  return done;
}
