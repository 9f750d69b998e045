import { z } from 'zod';
import type { CommandDeclaration } from './catalogue/declaration.ts';
import {
  COMMANDS,
  type DurableEventName,
  EVENTS,
  type EventDeclaration,
  ROOMS,
  SERVICE_ROUTES,
  webhookType,
} from './catalogue.ts';
import { CLOSE_CODES } from './closeCodes.ts';
import { CLIENT_FRAMES, SERVER_FRAMES } from './protocol.ts';

type Row = readonly string[];

/** Columns are as wide as their widest cell: so does the formatter leave them. */
function table(head: Row, rows: readonly Row[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (cells: Row) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

const code = (text: string) => `\`${text}\``;
const list = (names: readonly string[]) => names.map(code).join(', ');

/** The fields of an object; those of LykLuk's envelope are those in it. */
function fieldsOf(schema: z.ZodType): readonly string[] {
  if (!(schema instanceof z.ZodObject)) return [];
  const { data } = schema.shape as Record<string, z.ZodType>;
  return 'recipientIds' in schema.shape && data ? fieldsOf(data) : Object.keys(schema.shape);
}

const all = Object.entries<EventDeclaration>(EVENTS);
const commands = Object.entries(COMMANDS) as [string, CommandDeclaration][];
const built = all.filter(([, event]) => event.built);
const planned = [
  ...all.filter(([, event]) => !event.built).map(([name, event]) => [name, event.class, event] as const),
  ...commands.filter(([, { handle }]) => handle === null).map(([name, command]) => [name, 'command', command] as const),
];

const TABLES: Record<string, () => string> = {
  events: () =>
    table(
      ['event', 'class', 'from', 'data', 'who hears it', 'when'],
      built.map(([name, event]) => [
        code(name) + (event.formOf ? ' (`/socket.io/`)' : ''),
        event.class,
        event.from.join(', '),
        list(event.args ?? fieldsOf(event.schema)),
        event.hears,
        event.summary,
      ]),
    ),
  commands: () =>
    table(
      ['command', 'from', 'as arguments', 'who may', 'what it does'],
      commands
        .filter(([, { handle }]) => handle !== null)
        .map(([name, { from, args, may, summary }]) => [code(name), from.join(', '), list(args), may, summary]),
    ),
  rooms: () =>
    table(
      ['room', 'what it is'],
      Object.entries(ROOMS)
        .filter(([, { mayJoin }]) => mayJoin !== null)
        .map(([kind, { summary }]) => [code(`${kind}_…`), summary]),
    ),
  'not yet': () =>
    table(
      ['name', 'class', 'from', 'what'],
      planned.map(([name, kind, { from, summary }]) => [code(name), kind, from.join(', '), summary]),
    ),
  services: () =>
    table(
      ['event', 'exchange (direct)', 'routing key', 'queues', 'webhook'],
      Object.entries(SERVICE_ROUTES).map(([name, { exchange, routingKey, queues }]) => [
        ...[code(name), code(exchange), code(routingKey), list(queues), code(webhookType(name as DurableEventName))],
      ]),
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
