import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { migrate } from '#db/migrate.ts';
import { forgetOtherPostgres } from './environment.ts';
import { freePort } from './ports.ts';
import { startPostgres } from './postgres.ts';

/**
 * The schema that the migrations make, as one file to read: `node local/schema.ts` writes db/schema.sql, with
 * `--check` it compares. Read from the catalogue and not by pg_dump, which the Postgres packages do not carry and
 * which words things differently from version to version.
 */

const FILE = fileURLToPath(new URL('../db/schema.sql', import.meta.url));
const HEAD = `-- Written by local/schema.ts from the migrations: read it, change those.

SET check_function_bodies = false;`;

async function schemaOfMigrations(): Promise<string> {
  forgetOtherPostgres();
  const dir = mkdtempSync(join(tmpdir(), 'tandem-schema-'));
  const log = join(dir, 'postgres.log');
  const postgres = await startPostgres({ dir: join(dir, 'postgres'), port: await freePort(), log, durable: false });
  try {
    await migrate(postgres.url);
    return await dumpSchema(postgres.url);
  } finally {
    await postgres.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Statements that make the same schema in an empty database, in an order that depends on names alone. */
export async function dumpSchema(databaseUrl: string): Promise<string> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const sections: string[][] = [];
    // One after the other: it is one connection.
    for (const query of SECTIONS) {
      const { rows } = await client.query<{ statement: string }>(query);
      sections.push(rows.map(({ statement }) => `${statement.trimEnd()};`));
    }
    const parts = sections.filter((statements) => statements.length > 0);
    return `${[HEAD, ...parts.map((statements) => statements.join('\n').trim())].join('\n\n')}\n`;
  } finally {
    await client.end();
  }
}

/** Ours: in `public`, not of an extension, and not the table in which the migrations keep their own account. */
const ours = (oid: string, catalogue: string) => `
  NOT EXISTS (SELECT FROM pg_depend
    WHERE deptype = 'e' AND classid = '${catalogue}'::regclass AND objid = ${oid})`;
const OUR_TABLE = `c.relnamespace = 'public'::regnamespace AND c.relname <> 'schema_migrations'
  AND ${ours('c.oid', 'pg_class')}`;
const NAME = `COLLATE "C"`;

const EXTENSIONS = `
  SELECT format('CREATE EXTENSION %I', extname) AS statement
  FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY extname ${NAME}`;

const TYPES = `
  SELECT CASE t.typtype
    WHEN 'e' THEN format('CREATE TYPE %I AS ENUM (%s)', t.typname,
      (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
    WHEN 'd' THEN format('CREATE DOMAIN %I AS %s%s%s%s', t.typname, format_type(t.typbasetype, t.typtypmod),
      CASE WHEN t.typnotnull THEN ' NOT NULL' END, ' DEFAULT ' || t.typdefault,
      (SELECT string_agg(format(' CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)), '' ORDER BY conname ${NAME})
        FROM pg_constraint WHERE contypid = t.oid AND contype = 'c'))
    ELSE format('CREATE TYPE %I AS (%s)', t.typname,
      (SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped))
    END AS statement
  FROM pg_type AS t LEFT JOIN pg_class AS c ON c.oid = t.typrelid
  WHERE t.typnamespace = 'public'::regnamespace AND ${ours('t.oid', 'pg_type')}
    AND (t.typtype IN ('e', 'd') OR (t.typtype = 'c' AND c.relkind = 'c'))
  ORDER BY t.typname ${NAME}`;

const SEQUENCES = `
  SELECT format('CREATE SEQUENCE %I AS %s START %s INCREMENT %s', c.relname, format_type(s.seqtypid, NULL),
    s.seqstart, s.seqincrement) AS statement
  FROM pg_sequence AS s JOIN pg_class AS c ON c.oid = s.seqrelid
  WHERE ${OUR_TABLE}
    -- The sequence of an identity column comes with its column.
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid
      AND (deptype = 'i' OR refobjid = to_regclass('schema_migrations')))
  ORDER BY c.relname ${NAME}`;

const FUNCTIONS = `
  SELECT E'\\n' || replace(pg_get_functiondef(p.oid), 'CREATE OR REPLACE FUNCTION public.', 'CREATE FUNCTION ') AS statement
  FROM pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.prokind IN ('f', 'p') AND ${ours('p.oid', 'pg_proc')}
  ORDER BY p.proname ${NAME}, pg_get_function_identity_arguments(p.oid) ${NAME}`;

const COLUMN = `format('  %I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
  CASE WHEN a.attcollation <> y.typcollation THEN (SELECT format(' COLLATE %I', collname) FROM pg_collation
    WHERE oid = a.attcollation) END,
  CASE
    WHEN a.attidentity = 'a' THEN ' GENERATED ALWAYS AS IDENTITY'
    WHEN a.attidentity = 'd' THEN ' GENERATED BY DEFAULT AS IDENTITY'
    WHEN a.attgenerated = 's' THEN format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(d.adbin, d.adrelid))
    WHEN a.attgenerated = 'v' THEN format(' GENERATED ALWAYS AS (%s) VIRTUAL', pg_get_expr(d.adbin, d.adrelid))
    WHEN d.adbin IS NOT NULL THEN ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)
  END,
  CASE WHEN a.attnotnull AND a.attidentity = '' THEN ' NOT NULL' END)`;

const TABLES = `
  SELECT format(E'\\nCREATE %sTABLE %I %s%s%s', CASE WHEN c.relpersistence = 'u' THEN 'UNLOGGED ' END, c.relname,
    CASE WHEN c.relispartition
      THEN format('PARTITION OF %s %s', (SELECT inhparent::regclass FROM pg_inherits WHERE inhrelid = c.oid),
        pg_get_expr(c.relpartbound, c.oid))
      ELSE format(E'(\\n%s\\n)', (
        SELECT string_agg(line, E',\\n' ORDER BY part, place, line ${NAME}) FROM (
          SELECT 1 AS part, a.attnum AS place, ${COLUMN} AS line
          FROM pg_attribute AS a
          JOIN pg_type AS y ON y.oid = a.atttypid
          LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          UNION ALL
          SELECT 2, position(contype IN 'puxc'), format('  CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
          FROM pg_constraint
          WHERE conrelid = c.oid AND contype IN ('p', 'u', 'x', 'c') AND conparentid = 0
        ) AS lines)) END,
    CASE WHEN c.relkind = 'p' THEN ' PARTITION BY ' || pg_get_partkeydef(c.oid) END,
    ' WITH (' || array_to_string(c.reloptions, ', ') || ')') AS statement
  FROM pg_class AS c
  WHERE ${OUR_TABLE} AND c.relkind IN ('r', 'p')
  ORDER BY c.relispartition, c.relname ${NAME}`;

const FOREIGN_KEYS = `
  SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', c.relname, k.conname, pg_get_constraintdef(k.oid)) AS statement
  FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
  WHERE ${OUR_TABLE} AND k.contype = 'f' AND k.conparentid = 0
  ORDER BY c.relname ${NAME}, k.conname ${NAME}`;

const INDEXES = `
  SELECT replace(pg_get_indexdef(i.indexrelid), ' ON public.', ' ON ') AS statement
  FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_class AS x ON x.oid = i.indexrelid
  WHERE ${OUR_TABLE} AND NOT x.relispartition
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u', 'x'))
  ORDER BY c.relname ${NAME}, x.relname ${NAME}`;

const VIEWS = `
  SELECT format(E'CREATE %sVIEW %I AS\\n%s', CASE WHEN c.relkind = 'm' THEN 'MATERIALIZED ' END, c.relname,
    rtrim(pg_get_viewdef(c.oid), ';')) AS statement
  FROM pg_class AS c
  WHERE ${OUR_TABLE} AND c.relkind IN ('v', 'm')
  ORDER BY c.oid`;

const TRIGGERS = `
  SELECT replace(pg_get_triggerdef(t.oid), ' ON public.', ' ON ') AS statement
  FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
  WHERE ${OUR_TABLE} AND NOT t.tgisinternal AND t.tgparentid = 0
  ORDER BY c.relname ${NAME}, t.tgname ${NAME}`;

/** What the name of a table or a column does not say. */
const COMMENTS = `
  SELECT format('COMMENT ON %s %s IS %L', CASE d.objsubid WHEN 0 THEN 'TABLE' ELSE 'COLUMN' END,
    format('%I', c.relname) || CASE WHEN d.objsubid > 0 THEN format('.%I', a.attname) ELSE '' END, d.description)
    AS statement
  FROM pg_description AS d JOIN pg_class AS c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass
  LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
  WHERE ${OUR_TABLE} AND c.relkind = 'r'
  ORDER BY c.relname ${NAME}, d.objsubid`;

const SECTIONS = [EXTENSIONS, TYPES, SEQUENCES, TABLES, COMMENTS, FOREIGN_KEYS, INDEXES, VIEWS, FUNCTIONS, TRIGGERS];

if (import.meta.main) {
  const now = await schemaOfMigrations();
  if (!process.argv.includes('--check')) {
    writeFileSync(FILE, now);
  } else if ((existsSync(FILE) ? readFileSync(FILE, 'utf8') : '') !== now) {
    console.error('db/schema.sql is not what the migrations make: run `npm run schema` and look at the difference.');
    process.exitCode = 1;
  }
}
