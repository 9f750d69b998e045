import { Pool, type PoolClient, types } from 'pg';
import type { Command } from '../clicks/click.ts';

/**
 * The guarded work that every peer does for a click, in the least that it takes: look whether the deal is in the state
 * that the command needs, insert one row that says what was done, move the deal on, and know the answer again when the
 * same key is sent once more. Tandem writes messages, events and a remembered answer besides.
 */

export const RULES: Record<Command, { from: string; to: string }> = {
  submit_work: { from: 'work_in_progress', to: 'work_submitted' },
  request_revision: { from: 'work_submitted', to: 'work_in_progress' },
};

class Refused extends Error {}

/** Connections of one process to Postgres: as many as Tandem's own pool has. */
export const CONNECTIONS = 10;

export function openPool(url: string): Pool {
  types.setTypeParser(types.builtins.INT8, BigInt);
  return new Pool({ connectionString: url, max: CONNECTIONS, min: 1 }).on('error', () => {});
}

export async function createTables(pool: Pool, deals: number): Promise<void> {
  await pool.query(`
    CREATE TABLE deals (id integer PRIMARY KEY, state text NOT NULL, version integer NOT NULL);
    CREATE TABLE steps (
      deal_id integer NOT NULL REFERENCES deals (id), n integer NOT NULL, key text NOT NULL UNIQUE,
      command text NOT NULL, data jsonb NOT NULL, answer jsonb NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (deal_id, n)
    );
  `);
  await pool.query(`INSERT INTO deals SELECT id, 'work_in_progress', 0 FROM generate_series(0, $1::int - 1) AS id`, [
    deals,
  ]);
}

export type Input = { deal: number; command: Command; key: string; data: Record<string, string> };
export type Answer = { state: string; version: number };

/**
 * The click as one transaction by hand: BEGIN, lock and read, guard, INSERT, UPDATE, COMMIT, with prepared statements.
 * A key that was seen before gives the answer that is on its row.
 */
export async function guardedTransaction(pool: Pool, input: Input): Promise<Answer> {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query('BEGIN');
    const answer = await guardedWork(client, input);
    await client.query('COMMIT');
    broken = false;
    return answer;
  } catch (error) {
    await client.query('ROLLBACK');
    broken = false;
    const known = await client.query<{ answer: Answer }>('SELECT answer FROM steps WHERE key = $1', [input.key]);
    if (known.rows[0]) return known.rows[0].answer;
    throw error;
  } finally {
    client.release(broken);
  }
}

async function guardedWork(client: PoolClient, { deal, command, key, data }: Input): Promise<Answer> {
  const { rows } = await client.query<Answer>({
    name: 'lock',
    text: 'SELECT state, version FROM deals WHERE id = $1 FOR UPDATE',
    values: [deal],
  });
  const stored = rows[0];
  if (stored?.state !== RULES[command].from) throw new Refused(`${command} in ${stored?.state}`);
  const answer = { state: RULES[command].to, version: stored.version + 1 };
  await client.query({
    name: 'step',
    text: 'INSERT INTO steps (deal_id, n, key, command, data, answer) VALUES ($1, $2, $3, $4, $5, $6)',
    values: [deal, answer.version, key, command, data, answer],
  });
  await client.query({
    name: 'move',
    text: 'UPDATE deals SET state = $2, version = $3 WHERE id = $1',
    values: [deal, answer.state, answer.version],
  });
  return answer;
}

/** One row, once: for peers that hold the deal's state themselves and so need no lock. */
export async function insertStep(pool: Pool, { deal, command, key, data }: Input, answer: Answer): Promise<void> {
  await pool.query({
    name: 'step',
    text: `INSERT INTO steps (deal_id, n, key, command, data, answer) VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (key) DO NOTHING`,
    values: [deal, answer.version, key, command, data, answer],
  });
}
