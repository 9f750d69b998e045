/** What a page shows for what may be done: buttons, their fields, and the action data of the state that awaits an answer. */
import { formatRupees } from '../money.ts';
import { oncePer } from '../oncePer.ts';
import { allowedCommands, type Missing } from '../process/machine.ts';
import type { ActionData, AllowedAction } from './contract.ts';
import { dealMachine } from './machine.ts';
import { STATE_ENTRIES } from './stateEntries.ts';
import { entryOf } from './table.ts';
import type { Deal } from './terms.ts';

type Field = NonNullable<AllowedAction['input_field']>;

function action(deal: Deal, on: string): AllowedAction | null {
  const button = entryOf(on)?.button;
  if (!button) return null;
  const { text, style, field, input, standing } = button;
  const paise = standing?.(deal.terms) ?? null;
  const price = paise === null ? null : formatRupees(BigInt(paise));
  return {
    id: on,
    text: price === null ? text : `${text} (${price})`,
    style,
    action: on,
    data: price === null ? {} : { price },
    ...(field && { input_field: field }),
    ...(input && { input_type: input.type }),
  };
}

/** Everything a role may do now. Text inputs are among them, with their `input_type`. */
export function allowedActions(deal: Deal, role: string, now: string): AllowedAction[] {
  return allowedCommands(dealMachine, deal, role, now).flatMap((on) => action(deal, on) ?? []);
}

/** The field that a click without its data is answered with. */
export function missingField(
  deal: Deal,
  on: string,
  missing: Missing['missing'],
): { input_field: Field; submit_button: { text: string; style: string } } {
  const shown = action(deal, on);
  const asked: Field = shown?.input_field ?? { id: missing, type: 'textarea', placeholder: missing, required: true };
  return { input_field: asked, submit_button: { text: shown?.text ?? on, style: shown?.style ?? 'primary' } };
}

/**
 * The action data of the state that awaits one side's answer, as it was when the deal last moved; null where nobody is
 * awaited. Kept with the deal: one step asks for it up to five times.
 */
export const awaitedAction = oncePer((deal: Deal): ActionData | null => {
  const { awaits: party, question } = STATE_ENTRIES[deal.state];
  if (!party || !question) return null;
  const actions = allowedActions(deal, party, deal.stepped_at).filter(({ id }) => !entryOf(id)?.button?.isWayOut);
  const [only] = actions;
  const asksOnlyForText = actions.length === 1 && only?.input_field;
  const isTyped = ({ id }: AllowedAction) => entryOf(id)?.button?.input?.alone === true;
  const input = actions.find(isTyped) ?? (asksOnlyForText ? only : undefined);
  const buttons = actions.filter((each) => !isTyped(each) && !(asksOnlyForText && each === only));
  return {
    ...question(deal),
    ...(buttons.length > 0 && {
      buttons: buttons.map(({ id, text, style, action: name, data }) => ({
        id,
        text,
        style,
        action: name,
        data: data ?? {},
      })),
    }),
    ...(input?.input_field && {
      input_field: input.input_field,
      submit_button: { text: input.text, style: input.style },
    }),
    flow_state: deal.state,
    message_type: 'automated',
    visible_to: party,
  };
});
