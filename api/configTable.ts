import { configSchema } from './config.ts';

/** The configuration as a Markdown table, for people: name, default, meaning, in the schema's order. */
export function configTable(): string {
  const rows = Object.entries(configSchema.shape).map(([name, schema]) => {
    const preset = schema.safeParse(undefined);
    const shown = preset.success ? presentation(preset.data) : '*has to be set*';
    return `| \`${name}\` | ${shown} | ${cell(schema.description ?? '')} |`;
  });
  return ['| variable | default | what it is |', '|---|---|---|', ...rows].join('\n');
}

function presentation(preset: unknown): string {
  if (preset === undefined || (Array.isArray(preset) && preset.length === 0)) return '';
  return `\`${String(preset)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
