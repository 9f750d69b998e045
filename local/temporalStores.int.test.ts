import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTemporalStores } from './temporalStores.ts';
import { createTestDatabase } from './testStack.ts';

/** Roles and databases are the whole server's, which other tests are on. */
const name = `temporal_${randomBytes(4).toString('hex')}`;
const databases = [name, `${name}_visibility`];
let ours = '';

beforeAll(async () => {
  ours = await createTestDatabase();
});

afterAll(async () => {
  await as(ours, async (client) => {
    for (const database of databases) await client.query(`DROP DATABASE IF EXISTS ${database}`);
    await client.query(`DROP ROLE IF EXISTS ${name}`);
  });
});

const at = (database: string, role: { username: string; password: string } | null = null) =>
  Object.assign(new URL(ours), { pathname: `/${database}`, ...role }).href;
const temporal = { username: name, password: 'first' };

async function as<T>(url: string, act: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

test('Temporal has a role that may do nothing but in its own two databases', async () => {
  // As an earlier release left it: a database of ours, with tables and functions of ours in it.
  await as(ours, (client) => client.query(`CREATE DATABASE ${name}`));
  await as(at(name), async (client) => {
    await client.query('CREATE TABLE executions (id bigserial PRIMARY KEY)');
    await client.query("CREATE FUNCTION converted() RETURNS int LANGUAGE sql AS 'SELECT 1'");
  });
  await makeTemporalStores({ databaseUrl: ours, role: name, password: 'first', databases });
  for (const database of databases) {
    await as(at(database, temporal), async (client) => {
      await client.query('CREATE TABLE schema_version (version text)');
      const { rows } = await client.query(
        'SELECT rolsuper OR rolcreatedb OR rolcreaterole AS may FROM pg_roles WHERE rolname = current_user',
      );
      expect(rows).toEqual([{ may: false }]);
    });
  }
  await as(at(name, temporal), async (client) => {
    await client.query('ALTER TABLE executions ADD COLUMN shard_id int');
    await client.query('INSERT INTO executions DEFAULT VALUES');
    await client.query('DROP FUNCTION converted()');
  });
  await expect(as(at(new URL(ours).pathname.slice(1), temporal), async () => {})).rejects.toThrow(/permission denied/);
});

test('done again it changes nothing but the password that it is told', async () => {
  const passwordOf = () =>
    as(ours, async (client) => {
      const { rows } = await client.query('SELECT rolpassword FROM pg_authid WHERE rolname = $1', [name]);
      return String(rows[0]?.rolpassword);
    });
  const before = await passwordOf();
  await makeTemporalStores({ databaseUrl: ours, role: name, password: "an'other", databases });
  expect(await passwordOf()).not.toBe(before);
  await as(at(name, temporal), (client) => client.query('SELECT FROM schema_version, executions'));
});
