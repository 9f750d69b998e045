import { type Client, ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { JOBS, type JobName } from '#workflows/operation/workflow.ts';

/** How often a job of the operators is done. */
const EVERY: Record<JobName, string> = {
  check_books: '1 hour',
  ask_closed_orders: '10 minutes',
  clean_up_boosts: '1 hour',
  tend_charge_backs: '1 minute',
  compare_providers: '1 day',
  issue_invoices: '1 minute',
  build_recommendations: '6 hours',
  end_season: '10 minutes',
  remind_of_expiries: '1 hour',
  forget_old: '1 hour',
};

const scheduleId = (job: JobName) => `tandem-${job}`;

/**
 * Has Temporal do each job regularly, whichever worker is there. Called by every worker at its start: a Schedule that is
 * there is brought to what this release wants of it, and an operator's pause stays.
 */
export async function makeSchedules(client: Client, taskQueue: string): Promise<void> {
  for (const job of JOBS) {
    const wanted = {
      spec: { intervals: [{ every: EVERY[job] }] },
      action: {
        type: 'startWorkflow' as const,
        workflowType: 'job',
        workflowId: scheduleId(job),
        taskQueue,
        args: [{ name: job }],
        staticSummary: `Regularly: ${job.replaceAll('_', ' ')}`,
      },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 hour' },
    };
    try {
      await client.schedule.create({ scheduleId: scheduleId(job), ...wanted });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      await client.schedule
        .getHandle(scheduleId(job))
        .update((before) => ({ ...before, ...wanted }))
        .catch((gone: unknown) => {
          // Removed meanwhile by an operator, who will know why.
          if (!(gone instanceof ScheduleNotFoundError)) throw gone;
        });
    }
  }
}
