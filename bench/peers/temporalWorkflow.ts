import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineUpdate,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Answer, Input } from './work.ts';

export type Activities = { insertStep(input: Input, answer: Answer): Promise<void> };

const { insertStep } = proxyLocalActivities<Activities>({ startToCloseTimeout: '15 seconds' });

const RULES = {
  submit_work: { from: 'work_in_progress', to: 'work_submitted' },
  request_revision: { from: 'work_submitted', to: 'work_in_progress' },
};

export const isThere = defineQuery<boolean>('isThere');
export const click = defineUpdate<Answer, [Input]>('click');

/** A deal that is asked: the guard is the Update's validator, the row a local activity. */
export async function deal(answer: Answer): Promise<void> {
  let current = answer;
  setHandler(isThere, () => true);
  setHandler(
    click,
    async (input) => {
      const next = { state: RULES[input.command].to, version: current.version + 1 };
      await insertStep(input, next);
      current = next;
      return next;
    },
    {
      validator: ({ command }: Input) => {
        if (current.state !== RULES[command].from) {
          throw ApplicationFailure.nonRetryable(`${command} in ${current.state}`, 'FLOW_STATE_INVALID');
        }
      },
    },
  );
  await condition(() => workflowInfo().continueAsNewSuggested && allHandlersFinished());
  await continueAsNew<typeof deal>(current);
}
