import { hash } from 'node:crypto';
import { sql } from '../pool.ts';
import { type Account, inOrder, type Transfer } from './ledger.ts';

/** Transfers as `ledger_transfer_columns` takes them. Places count from 1, as Postgres counts. */
export type Columns = {
  /** What the transfers name, each once, in the order of locks. */
  accounts: Account[];
  transfers: { key: string; reason: string; occurredAt: string; hash: Buffer }[];
  /** With all of them; null: none. */
  memo: string | null;
  /** By transfer, and in one by account. */
  entries: { of: number; place: number; amount: bigint }[];
};

/** Transfers that are new and are about no conversation, with one memo or none. */
export function columnsOf(all: readonly Omit<Transfer, 'conversationId' | 'more'>[], memo: string | null): Columns {
  const legs = all.map(({ legs }) => inOrder(legs));
  const named = new Map(legs.flat().map(({ account }) => [nameOf(account), account]));
  const accounts = inOrder([...named.values()].map((account) => ({ account, amount: 1n }))).map((leg) => leg.account);
  const places = new Map(accounts.map((account, at) => [nameOf(account), at + 1]));
  return {
    accounts,
    memo,
    transfers: all.map(({ key, reason, occurredAt }, at) => ({
      ...{ key, reason, occurredAt },
      hash: inputHash(key, reason, legs[at] as Transfer['legs'], memo),
    })),
    entries: legs.flatMap((those, at) =>
      those.map(({ account, amount }) => ({ of: at + 1, place: places.get(nameOf(account)) as number, amount })),
    ),
  };
}

const nameOf = ({ code, asset }: Account): string => `${code} ${asset}`;

/** As `ledger_input_hash` takes it. An invariant holds every transfer to it. */
function inputHash(key: string, reason: string, legs: Transfer['legs'], memo: string | null): Buffer {
  const columns = [
    legs.map(({ account }) => account.code),
    legs.map(({ account }) => account.kind),
    legs.map(({ account }) => account.asset),
    legs.map(({ amount }) => amount.toString()),
  ];
  const more = memo === null ? [] : [`{"memo": ${JSON.stringify(memo)}}`];
  const text = [key, reason, ...columns.map(arrayText), ...more].join('|');
  return hash('sha256', text, 'buffer');
}

/** As Postgres writes an array of texts. */
function arrayText(values: readonly string[]): string {
  const isPlain = (value: string) => value !== '' && !/[{}",\\\s]/.test(value) && value.toUpperCase() !== 'NULL';
  const quoted = (value: string) => `"${value.replace(/["\\]/g, '\\$&')}"`;
  return `{${values.map((value) => (isPlain(value) ? value : quoted(value))).join(',')}}`;
}

/** As arguments of `ledger_transfer_columns`. */
export function columnsFragment({ accounts, transfers, memo, entries }: Columns) {
  const named = (column: (account: Account) => string | null, type: string) => sql.array(accounts.map(column), type);
  const made = (column: (transfer: Columns['transfers'][number]) => string | Buffer, type: string) =>
    sql.array(transfers.map(column), type);
  const numbers = (column: (entry: Columns['entries'][number]) => number) => sql.array(entries.map(column), 'int4');
  const amounts = sql.array(
    entries.map(({ amount }) => amount.toString()),
    'int8',
  );
  return sql.fragment`${named(({ code }) => code, 'text')}, ${named(({ kind }) => kind, 'text')},
    ${named(({ asset }) => asset, 'text')}, ${named(({ ownerId }) => ownerId, 'uuid')},
    ${made(({ key }) => key, 'text')}, ${made(({ reason }) => reason, 'text')}, ${made((each) => each.hash, 'bytea')},
    ${made(({ occurredAt }) => occurredAt, 'timestamptz')}, ${memo === null ? null : JSON.stringify({ memo })}::jsonb,
    ${numbers(({ of }) => of)}, ${numbers(({ place }) => place)}, ${amounts}`;
}
