import { stringify } from 'csv-stringify/sync';
import type { StatementLine } from '#db/money/statements.ts';
import { text } from './amount.ts';

/** Lines of one file at most. */
export const MAX_CSV_LINES = 10_000;

const COLUMNS = [
  ...(['id', 'transaction_id', 'occurred_at', 'recorded_at', 'kind', 'account', 'asset', 'in', 'out'] as const),
  ...(['balance_after', 'counterparty_id', 'memo', 'corrects', 'conversation_id'] as const),
];

/**
 * A statement for spreadsheets. What came and what went have a column each, so that no amount begins with a minus: texts
 * that a spreadsheet would take for a formula are escaped, and amounts stay numbers.
 */
export function statementCsv(lines: readonly StatementLine[]): string {
  const rows = lines.map((line) => ({
    ...line,
    kind: line.reason,
    in: line.amount > 0n ? text(line.amount, line.asset) : '',
    out: line.amount < 0n ? text(-line.amount, line.asset) : '',
    balance_after: text(line.balance_after, line.asset),
  }));
  return stringify(rows, { header: true, columns: [...COLUMNS], escape_formulas: true, record_delimiter: '\r\n' });
}
