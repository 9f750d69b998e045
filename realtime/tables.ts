import type { z } from 'zod';
import { CATALOGUE, type EventDeclaration } from './catalogue.ts';
import { CLOSE_CODES } from './closeCodes.ts';
import { COMMANDS } from './commands.ts';
import { CLIENT_FRAMES, SERVER_FRAMES } from './protocol.ts';

type Row = readonly string[];

/** Columns are as wide as their widest cell: so does the formatter leave them. */
function table(head: Row, rows: readonly Row[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (cells: Row) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

const code = (text: string) => `\`${text}\``;
const fieldsOf = (schema: z.ZodObject) => Object.keys(schema.shape).map(code).join(', ');

const TABLES: Record<string, () => string> = {
  events: () =>
    table(
      ['event', 'class', 'from', 'data', 'when'],
      (Object.entries(CATALOGUE) as [string, EventDeclaration][]).map(([name, event]) => [
        code(name),
        event.class,
        event.source,
        fieldsOf(event.schema),
        event.summary,
      ]),
    ),
  commands: () =>
    table(
      ['command', 'what it does'],
      Object.entries(COMMANDS).map(([name, { summary }]) => [code(name), summary]),
    ),
  frames: () =>
    table(
      ['frame', 'sent by', 'meaning'],
      [
        ...Object.entries(SERVER_FRAMES).map(([type, schema]) => [code(type), 'Tandem', schema.description ?? '']),
        ...Object.entries(CLIENT_FRAMES).map(([type, schema]) => [code(type), 'client', schema.description ?? '']),
      ],
    ),
  'close codes': () =>
    table(
      ['code', 'name', 'meaning'],
      [
        ...Object.entries(CLOSE_CODES).map(([name, { code: number, meaning }]) => [
          String(number),
          code(name),
          meaning,
        ]),
        ['1009', '', 'A frame was larger than 16 KiB; mend the client.'],
      ],
    ),
};

/** The text with each table between its marks written anew. Throws when a mark is missing: a table would be lost. */
export function readmeWithTables(text: string): string {
  let result = text;
  for (const [name, write] of Object.entries(TABLES)) {
    const [from, to] = [`<!-- table: ${name} -->`, '<!-- end -->'];
    const start = result.indexOf(from);
    const end = result.indexOf(to, start);
    if (start < 0 || end < 0) throw new Error(`no place for the table of ${name}`);
    result = `${result.slice(0, start)}${from}\n${write()}\n${result.slice(end)}`;
  }
  return result;
}
