/** When those who are waited for are reminded. */
import type { Machine, Process, Reminder } from './machine.ts';

const DAY_MS = 24 * 3_600_000;

/** Reminders of the state a process is in, in their order; those that were sent, by their key, are left out. */
export function remindersOf(machine: Machine, process: Process, sent: ReadonlySet<string>): Reminder[] {
  const deadline = machine.deadlineOf(process);
  if (deadline === null) return [];
  const all = machine.remindersOf?.(process) ?? usual(process.entered_at, deadline);
  return all.filter(({ kind }) => !sent.has(reminderKey(process, kind)));
}

/** At half time, and a day before the end where that is later. */
function usual(entered: string, deadline: string): Reminder[] {
  const [from, to] = [Date.parse(entered), Date.parse(deadline)];
  const half = from + Math.floor((to - from) / 2);
  const day = to - DAY_MS;
  const reminders = [{ kind: 'half_time', at: new Date(half).toISOString() }];
  return day > half ? [...reminders, { kind: 'last_day', at: new Date(day).toISOString() }] : reminders;
}

/** A reminder is sent once for each time that a state is entered. */
export function reminderKey({ entry }: Pick<Process, 'entry'>, kind: string): string {
  return `${entry}_${kind}`;
}
