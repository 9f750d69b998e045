import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { configSchema as apiSchema } from '#api/config.ts';
import { RETENTION } from '#db/operation/retention.ts';
import { configSchema as workerSchema } from '#worker/config.ts';
import { deadlineOf } from '#workflows/deal/deadline.ts';
import { diagram, loops } from '#workflows/deal/diagram.ts';
import { newDeal } from '#workflows/deal/machine.ts';
import { DEFAULT_POLICY } from '#workflows/deal/policy.ts';
import { awaitingRole, DEAL_TABLE, STATES } from '#workflows/deal/table.ts';
import { FAILURES } from '#workflows/failures.ts';
import { lookupIn } from '#workflows/process/table.ts';
import { limits } from './limits.ts';

/**
 * The parts of the documents in docs/ that say what the code says: `node local/documents.ts` writes them anew between
 * their marks, with `--check` it compares and ends with 1 where one is not current.
 */

const FOLDER = fileURLToPath(new URL('../docs', import.meta.url));

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
    const deal = { ...newDeal('', 'bid', { proposed: '0', policy: DEFAULT_POLICY }, opened), state };
    const deadline = deadlineOf(deal);
    const awaited = awaitingRole(state);
    const silence = lookupIn(DEAL_TABLE).findRow(state, 'expire', 'bid')?.to;
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

function retention(): string {
  return table(
    ['what', 'kept for', 'why', 'tables'],
    RETENTION.map(({ what, keptMs, why, tables }) => [what, span(keptMs), why, tables.map(code).join(', ')]),
  );
}

function limitsTable(): string {
  return table(
    ['of', 'limit', 'at most', 'what'],
    limits().map(([group, name, amount, meaning]) => [group, code(name), amount, meaning]),
  );
}

/** What is written into which document. */
const DOCUMENTS: Record<string, { mark: string; write: () => string }> = {
  'deal.md': { mark: 'flow', write: flow },
  'errors.md': { mark: 'failures', write: failures },
  'limits.md': { mark: 'limits', write: limitsTable },
  'retention.md': { mark: 'retention', write: retention },
  'settings.md': { mark: 'configuration', write: configuration },
};

/** The text of a document with its part between its marks written anew. Throws where a mark is missing: a part would be lost. */
export function withPart(document: string, text: string): string {
  const { mark, write } = DOCUMENTS[document] ?? {};
  if (mark === undefined || write === undefined) throw new Error(`Nothing is written into ${document}`);
  const [from, to] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const [start, end] = [text.indexOf(from), text.indexOf(to)];
  if (start < 0 || end < start) throw new Error(`${document} has no place for ${mark}: ${from} … ${to}`);
  return `${text.slice(0, start)}${from}\n\n${write()}\n\n${text.slice(end)}`;
}

if (import.meta.main) {
  for (const document of Object.keys(DOCUMENTS)) {
    const file = join(FOLDER, document);
    const text = readFileSync(file, 'utf8');
    const wanted = withPart(document, text);
    if (!process.argv.includes('--check')) writeFileSync(file, wanted);
    else if (text !== wanted) {
      console.error(
        `docs/${document} does not say what the code says: run \`npm run write\` and look at the difference.`,
      );
      process.exitCode = 1;
    }
  }
}
