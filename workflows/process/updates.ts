/** What an operator may send from the Temporal Web UI: commands by `admin`, checked by the machine before anything else. */
import { ApplicationFailure, currentUpdateInfo, proxyActivities, setHandler } from '@temporalio/workflow';
import { isLongerThan, isStorable, showsNothing } from '../text.ts';
import type { Asked, News, ProcessActivities, Sender } from './activities.ts';
import { decide, type Machine, type Process } from './machine.ts';
import { type By, defineCommand, retryRefund } from './messages.ts';
import { refuseFinal } from './own.ts';

/**
 * Not in place: who sent an Update is read in the history, where it stands only when its task is done. An operator waits
 * for the answer, so it is not tried for long.
 */
const { command, retryCalls } = proxyActivities<Pick<ProcessActivities, 'command' | 'retryCalls'>>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '1 minute',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '5 seconds' },
});

const NAME_MAX = 100;

export type Operated = {
  machine: Machine;
  /** As the workflow knows it; null before it has read it. */
  process: () => Process | null;
  asked: () => Asked;
  /** Takes what an activity answered, and goes on with it. */
  heard: (news: News) => void;
  /** Runs what is not to be cancelled. */
  within: <T>(work: () => Promise<T>) => Promise<T>;
};

export function handleUpdates(operated: Operated): void {
  const { machine, process, asked, heard, within } = operated;
  for (const [name, on] of Object.entries(machine.updates ?? {})) {
    setHandler(
      defineCommand(name),
      (sent) =>
        within(async () => {
          const { by, data } = readSent(sent);
          heard(await plainly(command({ ...asked(), on, data, ...sender(by) })));
          return { version: process()?.version ?? 0, state: process()?.state ?? '' };
        }),
      { validator: (sent) => validate(machine, process(), on, readSent(sent).data), description: `Gives ${on}` },
    );
  }
  setHandler(
    retryRefund,
    (sent?: By) =>
      within(async () => {
        const news = await plainly(retryCalls({ ...asked(), ...sender(readSent(sent ?? {}).by) }));
        heard(news);
        return { retried: news.retried };
      }),
    {
      validator: (sent?: By) => void readSent(sent ?? {}),
      description: 'Asks providers again for what they said had failed',
    },
  );
}

function sender(by: string | null): Sender {
  return { updateId: currentUpdateInfo()?.id ?? '', by };
}

/** `by` apart from what the command takes. Refuses what cannot be stored, wherever it stands. */
function readSent(sent: Record<string, unknown> | By): { by: string | null; data: Record<string, unknown> } {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) {
    throw invalid('An Update takes one object.');
  }
  refuseUnstorable(sent);
  const { by = null, ...data } = sent as Record<string, unknown>;
  if (by !== null && (typeof by !== 'string' || showsNothing(by) || isLongerThan(by, NAME_MAX))) {
    throw invalid(`by is a name of at most ${NAME_MAX} characters.`);
  }
  return { by: by as string | null, data };
}

function refuseUnstorable(value: unknown): void {
  if (typeof value === 'string' && !isStorable(value)) throw invalid('A text has a character that is none.');
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    refuseUnstorable(key);
    refuseUnstorable(each);
  }
}

function validate(machine: Machine, process: Process | null, on: string, data: Record<string, unknown>): void {
  // At its very beginning a run has read nothing: the activity asks the machine again, under the process's lock.
  if (!process) return;
  const given = { on, by: 'admin', actor: null, data };
  const decision = decide(machine, process, given, { now: new Date().toISOString(), feeBps: 0 });
  if ('missing' in decision) throw invalid(`It needs ${decision.missing}.`);
  if ('unchanged' in decision) throw invalid('It is so already.');
  if ('refusal' in decision) {
    const { message, code, details } = decision.refusal;
    throw ApplicationFailure.nonRetryable(message, code, details);
  }
}

/** A refusal as it was said, without the activity around it. */
async function plainly<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    refuseFinal(error);
    throw error;
  }
}

function invalid(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'VALIDATION_FAILED');
}
