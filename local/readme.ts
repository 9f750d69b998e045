import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { configSchema as apiSchema } from '#api/config.ts';
import { CATALOGUE, type EventDeclaration } from '#realtime/catalogue.ts';
import { configSchema as workerSchema } from '#worker/config.ts';
import { diagram, loops } from '#workflows/collaboration/diagram.ts';
import { deadlineOf, newDeal } from '#workflows/collaboration/flow.ts';
import { DEFAULT_POLICY } from '#workflows/collaboration/policy.ts';
import { awaitingRole, findRow, STATES } from '#workflows/collaboration/table.ts';
import { FAILURES } from '#workflows/failures.ts';
import { minor } from '#workflows/money.ts';

/**
 * The parts of README.md that say what the code says: `node local/readme.ts` writes them anew between their marks, with
 * `--check` it compares and ends with 1 where one is not current.
 */

const FILE = fileURLToPath(new URL('../README.md', import.meta.url));

type Row = readonly string[];

/** Columns are as wide as their widest cell: so does the formatter leave them. */
function table(head: Row, body: readonly Row[]): string {
  // A bar in a cell would end it.
  const rows = [head, ...body].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: Row) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...rest] = rows;
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join('\n');
}

const code = (text: string) => `\`${text}\``;

function flow(): string {
  const rest = loops().map(({ on, by, in: where }) => {
    const states = where === 'anywhere' ? where : `in ${where.split(', ').map(code).join(', ')}`;
    return `${code(on)} (${by}, ${states})`;
  });
  return [
    '```mermaid',
    diagram(),
    '```',
    '',
    `Not drawn is what changes no state: ${rest.join('; ')}.`,
    '',
    states(),
  ].join('\n');
}

const TURNS = { brand_owner: 'brand owner', influencer: 'influencer' };

/** Every state with its deadline under the default policy, and where silence leads. */
function states(): string {
  const opened = '2026-01-01T00:00:00.000Z';
  const rows = STATES.map((state) => {
    const deal = { ...newDeal('', 'bid', minor(0n), DEFAULT_POLICY, opened), state };
    const deadline = deadlineOf(deal);
    const awaited = awaitingRole(state);
    const silence = findRow(state, 'expire', 'bid')?.to;
    return [
      code(state),
      awaited ? TURNS[awaited] : '',
      deadline === null ? '' : span(Date.parse(deadline) - Date.parse(opened)),
      silence ? code(silence) : '',
    ];
  });
  return table(['state', 'whose turn', 'ends after (default policy)', 'in silence'], rows);
}

function span(ms: number): string {
  const hours = ms / 3_600_000;
  return hours > 24 ? `${hours / 24} days` : `${hours} hours`;
}

function failures(): string {
  return table(
    ['`error_code`', 'status', 'trying again can help', 'meaning'],
    Object.entries(FAILURES).map(([name, { status, retry, meaning }]) => [
      code(name),
      String(status),
      retry ? 'yes' : '',
      meaning,
    ]),
  );
}

function events(): string {
  return table(
    ['event', 'class', 'data', 'when'],
    (Object.entries(CATALOGUE) as [string, EventDeclaration][]).map(([name, event]) => [
      code(name),
      event.class,
      Object.keys(event.schema.shape).map(code).join(', '),
      event.summary,
    ]),
  );
}

type Setting = { default?: unknown; description?: string; enum?: readonly unknown[] };

/** The settings of a process, as a JSON Schema sees them: before they are read. */
function settingsOf(schema: z.ZodObject): Record<string, Setting> {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return properties as Record<string, Setting>;
}

function configuration(): string {
  const processes = [settingsOf(apiSchema), settingsOf(workerSchema)];
  const names = [...new Set(processes.flatMap((settings) => Object.keys(settings)))];
  return table(
    ['variable', 'default', 'meaning'],
    names.map((name) => {
      const [setting = {}] = processes.flatMap((settings) => settings[name] ?? []);
      const defaults = new Set(
        processes.flatMap((settings) => settings[name]?.default ?? []).filter((each) => each !== ''),
      );
      const choices = setting.enum?.map((choice) => code(String(choice))).join(', ');
      return [
        code(name),
        [...defaults].map((each) => code(String(each))).join(' or '),
        `${setting.description ?? ''}${choices ? ` (${choices})` : ''}`,
      ];
    }),
  );
}

const PARTS: Record<string, () => string> = { flow, failures, events, configuration };

/** The text with each part between its marks written anew. Throws where a mark is missing: a part would be lost. */
export function withParts(text: string): string {
  let result = text;
  for (const [name, write] of Object.entries(PARTS)) {
    const [from, to] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [start, end] = [result.indexOf(from), result.indexOf(to)];
    if (start < 0 || end < start) throw new Error(`README.md has no place for ${name}: ${from} … ${to}`);
    result = `${result.slice(0, start)}${from}\n\n${write()}\n\n${result.slice(end)}`;
  }
  return result;
}

if (import.meta.main) {
  const text = readFileSync(FILE, 'utf8');
  const wanted = withParts(text);
  if (!process.argv.includes('--check')) writeFileSync(FILE, wanted);
  else if (text !== wanted) {
    console.error('README.md does not say what the code says: run `node local/readme.ts` and look at the difference.');
    process.exitCode = 1;
  }
}
