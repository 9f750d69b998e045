import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { Client } from 'pg';
import { expect, inject, test } from 'vitest';
import { SEARCH_ATTRIBUTES } from './searchAttributes.ts';
import { testTemporalAddress } from './testStack.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('./prepare.ts', import.meta.url));

test('an empty database and a server without our namespace are made ready, and doing it again changes nothing', async () => {
  const databaseUrl = await emptyDatabase();
  const namespace = `prepared-${randomUUID()}`;
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: testTemporalAddress(),
    TEMPORAL_NAMESPACE: namespace,
    ADMIN_HANDLE: 'head',
    ADMIN_PASSWORD: 'a long password',
  };
  await run(process.execPath, [program], { env });
  const admins = () => rowsOf(databaseUrl, "SELECT handle, created_at FROM users WHERE 'admin' = ANY (roles)");
  const [admin, ...others] = await admins();
  expect(admin?.handle).toBe('head');
  expect(others).toEqual([]);
  expect(await attributesOf(namespace)).toEqual(Object.keys(SEARCH_ATTRIBUTES).sort());

  await run(process.execPath, [program], { env });
  expect(await admins()).toEqual([admin]);
  expect(await attributesOf(namespace)).toEqual(Object.keys(SEARCH_ATTRIBUTES).sort());
});

test('without an address it says which settings it needs', async () => {
  const env = { ...process.env, DATABASE_URL: '', TEMPORAL_ADDRESS: '' };
  await expect(run(process.execPath, [program], { env })).rejects.toMatchObject({
    code: 1,
    stderr: 'DATABASE_URL and TEMPORAL_ADDRESS have to be set.\n',
  });
});

async function emptyDatabase(): Promise<string> {
  const name = `empty_${randomUUID().replaceAll('-', '')}`;
  await rowsOf(inject('tandem').postgresUrl, `CREATE DATABASE ${name} TEMPLATE template0`);
  return Object.assign(new URL(inject('tandem').postgresUrl), { pathname: `/${name}` }).href;
}

async function rowsOf(url: string, sql: string) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function attributesOf(namespace: string): Promise<string[]> {
  const connection = await Connection.connect({ address: testTemporalAddress() });
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return Object.keys(customAttributes ?? {}).sort();
  } finally {
    await connection.close();
  }
}
