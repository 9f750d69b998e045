import type { AllowedAction, Context } from './queries.ts';

export type Offered = {
  /** What is asked for now, in the order in which it is asked. */
  asked: AllowedAction[];
  /** What the open field sends. */
  field: AllowedAction | null;
  /** What may be done beside it. */
  more: AllowedAction[];
};

/** What somebody may do: the answers to the open question first, then the rest. */
export function offered({ current_action_data: question, allowed_actions: allowed, conversation }: Context): Offered {
  if (!question) {
    // Where nobody is awaited, all that is allowed is as good as asked for.
    const nobodyAwaited = conversation.awaiting_role === null;
    return { asked: nobodyAwaited ? allowed : [], field: null, more: nobodyAwaited ? [] : allowed };
  }
  const asked = (question.buttons ?? []).flatMap(({ id }) => allowed.find((action) => action.id === id) ?? []);
  const { input_field: input, submit_button: submit } = question;
  const fits = (action: AllowedAction) => input !== undefined && action.input_field?.id === input.id;
  const field =
    allowed.find((action) => fits(action) && action.text === submit?.text) ??
    allowed.find((action) => fits(action) && !asked.includes(action)) ??
    null;
  return { asked, field, more: allowed.filter((action) => action !== field && !asked.includes(action)) };
}
