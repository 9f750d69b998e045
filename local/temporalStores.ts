import { Client } from 'pg';

/** Temporal's own role and databases on a Postgres of ours, where it keeps histories. */

/** Of histories, and of what they are searched by. */
export const STORES = ['temporal', 'temporal_visibility'] as const;

export type TemporalStores = {
  /** A database of ours, by somebody who may make roles and databases: the image of Postgres makes one such. */
  readonly databaseUrl: string;
  readonly role: string;
  readonly password: string;
  readonly databases: readonly string[];
};

/**
 * Makes them, or does what is missing: where the databases were made by somebody else, they and what is in them become
 * the role's. Nobody but it reads them, and it does not come into the database that is named.
 */
export async function makeTemporalStores({ databaseUrl, role, password, databases }: TemporalStores): Promise<void> {
  await within(databaseUrl, async (client) => {
    const name = client.escapeIdentifier(role);
    if (await isNone(client, 'SELECT FROM pg_roles WHERE rolname = $1', role))
      await client.query(`CREATE ROLE ${name}`);
    await client.query(
      `ALTER ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${client.escapeLiteral(password)}`,
    );
    for (const database of databases) {
      const store = client.escapeIdentifier(database);
      if (await isNone(client, 'SELECT FROM pg_database WHERE datname = $1', database)) {
        await client.query(`CREATE DATABASE ${store}`);
      }
      await client.query(`ALTER DATABASE ${store} OWNER TO ${name}`);
      await client.query(`REVOKE ALL ON DATABASE ${store} FROM PUBLIC`);
    }
    const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name');
    for (const ours of rows)
      await client.query(`REVOKE ALL ON DATABASE ${client.escapeIdentifier(ours.name)} FROM PUBLIC`);
  });
  for (const database of databases) {
    const url = Object.assign(new URL(databaseUrl), { pathname: `/${database}` }).href;
    await within(url, (client) => giveAllTo(client, role));
  }
}

/** Tables and functions; sequences go with their tables, and what an extension brought is the extension's. */
async function giveAllTo(client: Client, role: string): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(
    `SELECT format('ALTER TABLE %s OWNER TO %I', c.oid::regclass, $1::text) AS statement
     FROM pg_class AS c JOIN pg_roles AS r ON r.oid = c.relowner
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND r.rolname <> $1
     UNION ALL
     SELECT format('ALTER ROUTINE %s OWNER TO %I', p.oid::regprocedure, $1::text)
     FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner
     WHERE p.pronamespace = 'public'::regnamespace AND r.rolname <> $1
       AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')`,
    [role],
  );
  for (const { statement } of rows) await client.query(statement);
}

async function isNone(client: Client, query: string, name: string): Promise<boolean> {
  return (await client.query(query, [name])).rowCount === 0;
}

async function within(url: string, act: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await act(client);
  } finally {
    await client.end();
  }
}
