import { Connection, Client as TemporalClient } from '@temporalio/client';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { createTestDatabase, createTestNamespace, createTestRedis, testTemporalAddress } from './testStack.ts';

test('two test files never see each other’s rows', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await query(one, 'CREATE TABLE mark (name text)');
  expect(await query(other, "SELECT to_regclass('mark') AS found")).toEqual([{ found: null }]);
  expect(await query(one, "SELECT to_regclass('mark') AS found")).toEqual([{ found: 'mark' }]);
});

test('a test database has today’s schema', async () => {
  const rows = await query(await createTestDatabase(), 'SELECT count(*)::int AS count FROM schema_migrations');
  expect(rows[0]?.count).toBeGreaterThan(0);
});

test('two test files never see each other’s keys', async () => {
  const [one, other] = (await Promise.all([createTestRedis(), createTestRedis()])).map((url) => new Redis(url));
  await one?.set('mark', 'here');
  expect(await other?.get('mark')).toBeNull();
  one?.disconnect();
  other?.disconnect();
});

test('a test namespace takes workflows with our search attributes and finds them by these', async () => {
  const namespace = await createTestNamespace();
  const connection = await Connection.connect({ address: testTemporalAddress() });
  const client = new TemporalClient({ connection, namespace });
  await client.workflow.start('waits', {
    taskQueue: 'nobody-polls',
    workflowId: 'found',
    searchAttributes: { TandemKind: ['collaboration'], TandemHeld: [500_000] },
  });
  await expect
    .poll(async () => (await client.workflow.count("TandemKind = 'collaboration' AND TandemHeld > 0")).count, {
      timeout: 10_000,
    })
    .toBe(1);
  await connection.close();
});

async function query(url: string, sql: string) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
