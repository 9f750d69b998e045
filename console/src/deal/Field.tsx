import { Textarea, TextInput } from '@mantine/core';
import type { AllowedAction } from './queries.ts';

type InputField = NonNullable<AllowedAction['input_field']>;

/** The field that the API asks to be filled, as it describes it. */
export function Field({ field, label, error }: { field: InputField; label: string; error?: string | null }) {
  const common = {
    name: 'text',
    label,
    placeholder: field.placeholder,
    required: field.required,
    error: error ?? undefined,
    ...(field.maxLength === undefined ? {} : { maxLength: field.maxLength }),
  };
  if (field.type === 'textarea') return <Textarea {...common} autosize minRows={2} maxRows={6} />;
  // Prices are sent as they are written ("₹5,000"), so that the API is the one that reads them.
  const isAmount = field.min !== undefined;
  return (
    <TextInput
      {...common}
      type={field.type === 'email' ? 'email' : 'text'}
      autoComplete="off"
      inputMode={isAmount || field.type === 'number' ? 'decimal' : 'text'}
    />
  );
}
