import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { checkInvariants } from './invariants.ts';
import { migrate, OtherSchema } from './migrate.ts';
import { createPool, type Pool } from './pool.ts';

// A database is brought forward file by file, and never back.

let client: Client;
let pool: Pool;
let url: string;

beforeAll(async () => {
  const server = inject('tandem').postgresUrl;
  const admin = new Client({ connectionString: server });
  await admin.connect();
  await admin.query('CREATE DATABASE of_before TEMPLATE template0');
  await admin.end();
  url = Object.assign(new URL(server), { pathname: '/of_before' }).href;
  client = new Client({ connectionString: url });
  await client.connect();
  pool = createPool(url);
});
afterAll(async () => {
  await pool?.end();
  await client?.end();
});

const files = async () =>
  (await client.query<{ name: string }>('SELECT name FROM schema_migrations ORDER BY id')).rows.map(({ name }) => name);

test('a database that stopped on the way is brought to today, and stays there when it is asked for again', async () => {
  await migrate(url, 3);
  const before = await files();
  expect(before).toHaveLength(3);
  await migrate(url);
  const all = await files();
  expect(all.slice(0, 3)).toEqual(before);
  expect(all).toEqual([...all].sort());
  await migrate(url);
  expect(await files()).toEqual(all);
  expect((await checkInvariants(pool)).filter(({ ok }) => !ok)).toEqual([]);
});

test('two who bring a database forward at once wait for each other', async () => {
  await client.query('CREATE DATABASE by_two TEMPLATE template0');
  const other = Object.assign(new URL(url), { pathname: '/by_two' }).href;
  await Promise.all([migrate(other), migrate(other)]);
  await expect(migrate(other)).resolves.toBeUndefined();
});

test('a database that a preview made, or another form of a migration, is refused with a sentence, and left as it is', async () => {
  await client.query('CREATE DATABASE by_others TEMPLATE template0');
  const other = Object.assign(new URL(url), { pathname: '/by_others' }).href;
  await migrate(other, 3);
  const there = new Client({ connectionString: other });
  await there.connect();
  try {
    await there.query("UPDATE schema_migrations SET sha256 = 'of something else' WHERE id = 2");
    await expect(migrate(other)).rejects.toThrow(/made by another 0020_money\.sql than there is here/);
    await there.query('ALTER TABLE schema_migrations DROP COLUMN sha256');
    await expect(migrate(other)).rejects.toThrow(OtherSchema);
    await expect(migrate(other)).rejects.toThrow(/begin with an empty one\. See docs\/upgrading\.md/);
    const { rows } = await there.query('SELECT name FROM schema_migrations');
    expect(rows).toHaveLength(3);
  } finally {
    await there.end();
  }
});

test('a release that comes back finds a later one’s schema, and lets it be', async () => {
  await client.query('CREATE DATABASE of_later TEMPLATE template0');
  const later = Object.assign(new URL(url), { pathname: '/of_later' }).href;
  await migrate(later);
  const there = new Client({ connectionString: later });
  await there.connect();
  try {
    await there.query(`
      INSERT INTO schema_migrations (name, run_on, sha256) VALUES ('9999_of_a_later_release', current_timestamp, 'its own')
    `);
    await expect(migrate(later)).resolves.toBeUndefined();
  } finally {
    await there.end();
  }
});
