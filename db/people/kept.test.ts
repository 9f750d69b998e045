import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KEPT, type KeptTable, NOBODYS, OURS } from './kept.ts';

// What is kept of people, and what the schema has.

const schema = readFileSync(new URL('../schema.sql', import.meta.url), 'utf8');

type Column = { name: string; type: string };
const tables = new Map(
  [...schema.matchAll(/^CREATE TABLE (\w+) \(\n([\s\S]*?)\n\)/gm)].map(([, table = '', body = '']) => [
    table,
    [...body.matchAll(/^ {2}"?(?!CONSTRAINT)(\w+)"? ([\w.[\]]+)/gm)].map(
      ([, name = '', type = '']): Column => ({ name, type }),
    ),
  ]),
);
const references = [
  ...schema.matchAll(/^ALTER TABLE (\w+) ADD CONSTRAINT \w+ FOREIGN KEY \((\w+)\) REFERENCES users\(id\)/gm),
].map(([, table = '', column = '']) => `${table}.${column}`);

/** How columns are called that name somebody; those without a foreign key are known by this alone. */
const SOMEBODY =
  /^(user|account|owner|actor|creator|viewer|holder|sender|receiver|from_user|to_creator|booster|payer|payee|subscriber|giver|voter|participant|challenger|opponent|leader|maker|taker|other|last_user|author|subject_user)_id$|(^|_)by(_id)?$/;

const peopleOf = (table: string) =>
  (tables.get(table) ?? [])
    .filter(({ name, type }) => references.includes(`${table}.${name}`) || (type === 'uuid' && SOMEBODY.test(name)))
    .map(({ name }) => name);
const textsOf = (table: string) =>
  (tables.get(table) ?? [])
    .filter(({ name, type }) => name !== 'id' && /^(text|jsonb?|bytea)|\[\]$/.test(type))
    .map(({ name }) => name);

const names = (of: Partial<Pick<KeptTable, 'people' | 'words'>>[keyof Pick<KeptTable, 'people' | 'words'>]) =>
  Object.keys(of ?? {});

test('the schema is read: it has that many tables, and columns that refer to people', () => {
  expect(tables.size).toBeGreaterThan(150);
  expect(references.length).toBeGreaterThan(100);
});

test('of every table it is said what of people is in it, and no table is said of that is not there', () => {
  expect([...Object.keys(KEPT), ...NOBODYS].sort()).toEqual([...tables.keys()].sort());
});

test.each([...tables.keys()])(
  'of %s every column that names somebody is known, and none that is not there',
  (table) => {
    expect(names(KEPT[table]?.people).sort()).toEqual(peopleOf(table).sort());
  },
);

test.each(Object.entries(KEPT))(
  'of %s every text, file and list is known as words of people or as ours',
  (table, kept) => {
    const known = [...names(kept.words), ...(kept.ours ?? [])];
    expect(new Set(known).size, 'a column is said of twice').toBe(known.length);
    const unknown = textsOf(table).filter((name) => !known.includes(name) && !OURS.includes(name));
    expect(unknown).toEqual([]);
    expect(known.filter((name) => !textsOf(table).includes(name))).toEqual([]);
  },
);
