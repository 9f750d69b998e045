import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { expect, inject, test } from 'vitest';
import { dumpSchema } from './schema.ts';
import { createTestDatabase } from './testStack.ts';

test('db/schema.sql makes in an empty database what the migrations make', async () => {
  const migrated = await dumpSchema(await createTestDatabase());
  const empty = Object.assign(new URL(inject('tandem').postgresUrl), { pathname: '/schema_from_file' }).href;
  await execute(inject('tandem').postgresUrl, 'CREATE DATABASE schema_from_file TEMPLATE template0');
  await execute(empty, readFileSync(new URL('../db/schema.sql', import.meta.url), 'utf8'));
  expect(await dumpSchema(empty)).toBe(migrated);
});

test('a column, a check, a key, a trigger or a function that changes is seen in the dump', async () => {
  const url = await createTestDatabase();
  let before = await dumpSchema(url);
  for (const change of [
    'CREATE TABLE shape (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text)',
    'ALTER TABLE shape ADD COLUMN corners integer',
    'ALTER TABLE shape ALTER COLUMN corners SET DEFAULT 4',
    'ALTER TABLE shape ALTER COLUMN corners SET NOT NULL',
    'ALTER TABLE shape ADD CONSTRAINT shape_corners CHECK (corners > 2)',
    'ALTER TABLE shape ADD COLUMN doubled integer GENERATED ALWAYS AS (corners * 2) STORED',
    'CREATE UNIQUE INDEX shape_name ON shape (lower(name)) WHERE corners > 3',
    'ALTER TABLE shape ADD COLUMN parent_id bigint REFERENCES shape (id)',
    'CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
    'CREATE TRIGGER shape_touch BEFORE UPDATE ON shape FOR EACH ROW EXECUTE FUNCTION touch()',
    'CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$',
    "CREATE TYPE size AS ENUM ('small', 'large')",
    'CREATE VIEW names AS SELECT name FROM shape',
    'CREATE SEQUENCE counter',
  ]) {
    await execute(url, change);
    const after = await dumpSchema(url);
    expect(after, change).not.toBe(before);
    before = after;
  }
});

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
