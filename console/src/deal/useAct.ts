import { useQueryClient } from '@tanstack/react-query';
import { dataOf } from '../client/answer.ts';
import { newIdempotencyKey } from '../client/idempotencyKey.ts';
import { useOneAtATime } from '../client/useOneAtATime.ts';
import type { paths } from '../openapi.d.ts';
import type { Session } from '../session/session.ts';
import { type AllowedAction, keys } from './queries.ts';

type Click = paths['/api/messages/conversations/{id}/button-click']['post'];
type ClickBody = Click['requestBody']['content']['application/json'];
type InputBody =
  paths['/api/messages/conversations/{id}/text-input']['post']['requestBody']['content']['application/json'];
export type DoorAnswer = Click['responses'][200]['content']['application/json']['data'];

/** A press of a button, with what was filled in; its key stays the same however often it is sent. */
export type Press = { action: AllowedAction; text: string | null; key: string };

/** Presses the buttons of a deal, one at a time: a second press while one is under way does nothing. */
export function useAct(session: Session, id: string, onDone: (answer: DoorAnswer, press: Press) => void) {
  const queries = useQueryClient();
  const mutation = useOneAtATime({
    mutationFn: (press: Press) => send(session, id, press),
    onSuccess: onDone,
    onSettled: () => {
      const { user } = session;
      // The socket tells it too, and sooner; this is for when there is none, and for refusals.
      for (const queryKey of [keys.context(user.id, id), keys.messages(user.id, id), keys.steps(user.id, id)]) {
        void queries.invalidateQueries({ queryKey });
      }
    },
  });
  return {
    press: (action: AllowedAction, text: string | null) => mutation.mutate({ action, text, key: newIdempotencyKey() }),
    /** The last press again, under its own key. */
    again: mutation.again,
    pending: mutation.isPending ? (mutation.variables?.action.id ?? null) : null,
    error: mutation.error,
    clear: mutation.reset,
  };
}

/** As text input where the API asks for it that way, else as a click with its data. */
function send({ api }: Session, id: string, { action, text, key }: Press): Promise<DoorAnswer> {
  const params = { path: { id }, header: { 'idempotency-key': key } };
  if (text !== null && action.input_type) {
    const body = { text, input_type: action.input_type as InputBody['input_type'] };
    return dataOf(api.POST('/api/messages/conversations/{id}/text-input', { params, body }));
  }
  const filled = text !== null && action.input_field ? { [action.input_field.id]: text } : {};
  const additional_data = { ...action.data, ...filled } as NonNullable<ClickBody['additional_data']>;
  const body = { button_id: action.id, additional_data };
  return dataOf(api.POST('/api/messages/conversations/{id}/button-click', { params, body }));
}
