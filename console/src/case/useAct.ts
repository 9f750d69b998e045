import { useQueryClient } from '@tanstack/react-query';
import { newIdempotencyKey } from 'tandem-client';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import type { Session } from '../session/session.ts';
import { keys } from '../talk/queries.ts';
import { type Action, type Case, caseKeys } from './queries.ts';

export type Filled = Record<string, unknown>;

/** A press of a button, with what was filled in; its key stays the same however often it is sent. */
export type Press = { action: Action; filled: Filled; key: string };

/** Gives a case its actions, one at a time: a second press while one is under way does nothing. */
export function useAct(session: Session, id: string, onDone: (answer: Case, press: Press) => void) {
  const queries = useQueryClient();
  const { user, tandem } = session;
  const mutation = useOneAtATime({
    mutationFn: ({ action, filled, key }: Press) =>
      tandem.processes.act(id, action.name, { ...action.data, ...filled }, { idempotencyKey: key }),
    onSuccess: (answer, press) => {
      queries.setQueryData<Case>(caseKeys.one(user.id, id), answer);
      onDone(answer, press);
    },
    onSettled: () => {
      // The socket tells it too, and sooner; this is for when there is none, and for refusals.
      const stale = [
        caseKeys.one(user.id, id),
        caseKeys.list(user.id),
        caseKeys.entries(user.id, id),
        keys.messages(user.id, id),
      ];
      for (const queryKey of stale) void queries.invalidateQueries({ queryKey });
    },
  });
  return {
    press: (action: Action, filled: Filled) => mutation.mutate({ action, filled, key: newIdempotencyKey() }),
    /** The last press again, under its own key. */
    again: mutation.again,
    pending: mutation.isPending ? (mutation.variables?.action.name ?? null) : null,
    error: mutation.error,
    clear: mutation.reset,
  };
}

/** What an action would do with money, with what is filled in so far: the API reckons it. */
export async function foresee({ tandem }: Session, id: string, action: Action, filled: Filled): Promise<string | null> {
  return (await tandem.processes.foresee(id, action.name, { ...action.data, ...filled })).consequence;
}
