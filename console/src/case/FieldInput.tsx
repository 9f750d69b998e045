import { Group, Slider, Text, Textarea, TextInput } from '@mantine/core';
import type { Field } from './queries.ts';
import type { Filled } from './useAct.ts';

/** A field as the API describes it. */
export function FieldInput({ field, error }: { field: Field; error?: string | null }) {
  const { id, label, type, required, max_length } = field;
  const common = {
    name: id,
    label,
    required,
    error: error ?? undefined,
    ...(max_length === null ? {} : { maxLength: max_length }),
  };
  if (type === 'percent') return <Percent field={field} />;
  if (type === 'text') return <TextInput {...common} autoComplete="off" />;
  // Prices are sent as they are written ("₹5,000"), so that the API is the one that reads them.
  if (type === 'amount') return <TextInput {...common} autoComplete="off" inputMode="decimal" />;
  return <Textarea {...common} autosize minRows={required ? 2 : 1} maxRows={6} />;
}

function Percent({ field: { id, label } }: { field: Field }) {
  return (
    <div>
      <Group justify="space-between">
        <Text size="sm" fw={500} id={`${id}-label`}>
          {label}, in per cent
        </Text>
      </Group>
      <Slider
        name={id}
        defaultValue={50}
        step={1}
        marks={[
          { value: 0, label: '0' },
          { value: 50, label: '50' },
          { value: 100, label: '100' },
        ]}
        mb="lg"
        mx={6}
        thumbLabel={`${label}, in per cent`}
        label={(value) => `${value} %`}
      />
    </div>
  );
}

/** What was filled into a form, in the form in which the API takes it; what was left out is left out. */
export function filledIn(form: HTMLFormElement, fields: readonly Field[]): Filled {
  const read = new FormData(form);
  const filled: Filled = {};
  for (const { id, type, required } of fields) {
    const text = String(read.get(id) ?? '');
    if (type === 'percent') filled[id] = Number(text);
    else if (type === 'links') {
      const links = text.split(/\s+/).filter(Boolean);
      if (links.length > 0) filled[id] = links;
    } else if (required || text.trim() !== '') filled[id] = text;
  }
  return filled;
}
