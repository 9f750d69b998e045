/** Buttons and the fields that they ask to be filled in. */
import type { AllowedAction } from '../contract.ts';
import type { Button } from './entry.ts';

type Field = NonNullable<AllowedAction['input_field']>;

export const PRICE_FIELD: Field = {
  id: 'price',
  type: 'text',
  placeholder: 'Amount in rupees',
  required: true,
  min: 1,
  maxLength: 20,
};

export function textField(id: string, placeholder: string, maxLength: number): Field {
  return { id, type: 'textarea', placeholder, required: true, maxLength };
}

/** A button of which nothing more is to be said than what `more` says. */
export function button(text: string, style: Button['style'], more: Partial<Button> = {}): Button {
  return { text, style, field: null, input: null, standing: null, isWayOut: false, ...more };
}
