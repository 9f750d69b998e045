import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configOf, dynamicOf } from './temporalOnPostgres.ts';
import { temporalInTests } from './testTemporal.ts';

const POSTGRES = 'postgres://tandem:a%2Fb@127.0.0.1:15432/tandem?sslmode=disable';
const PORTS = {
  frontend: { grpc: 1, membership: 2 },
  matching: { grpc: 3, membership: 4 },
  history: { grpc: 5, membership: 6 },
  worker: { grpc: 7, membership: 8 },
};

type Config = {
  persistence: { defaultStore: string; visibilityStore: string; datastores: Record<string, { sql: object }> };
  services: Record<string, { rpc: { bindOnIP: string; httpPort?: number } }>;
  archival?: object;
};
const config = configOf(POSTGRES, PORTS, '/tmp/dynamic.yaml') as Config;

test('a cluster server keeps histories and what they are searched by in two databases of one Postgres', () => {
  const { defaultStore, visibilityStore, datastores } = config.persistence;
  expect([defaultStore, visibilityStore]).toEqual(['temporal', 'temporal_visibility']);
  const one = { pluginName: 'postgres12', connectAddr: '127.0.0.1:15432', user: 'tandem', password: 'a/b' };
  expect(datastores.temporal?.sql).toMatchObject({ ...one, databaseName: 'temporal' });
  expect(datastores.temporal_visibility?.sql).toMatchObject({ ...one, databaseName: 'temporal_visibility' });
});

test('all four services listen on this machine alone, and none has an HTTP API', () => {
  expect(Object.keys(config.services)).toEqual(['frontend', 'matching', 'history', 'worker']);
  for (const { rpc } of Object.values(config.services)) {
    expect(rpc.bindOnIP).toBe('127.0.0.1');
    expect(rpc).not.toHaveProperty('httpPort');
  }
});

test('what may change while it runs is said for every namespace', () => {
  expect(dynamicOf({ 'a.b': true })).toEqual({ 'a.b': [{ value: true }] });
});

test('it is of the version that npm start runs', () => {
  const versionIn = (module: string) =>
    /go\.temporal\.io\/server v(\S+)/.exec(readFileSync(new URL(`./${module}/go.mod`, import.meta.url), 'utf8'))?.[1];
  expect(versionIn('temporal-postgres')).toMatch(/^1\.\d+\.\d+$/);
  expect(versionIn('temporal-postgres')).toBe(versionIn('temporal-server'));
});

test('tests are played on what npm start runs, unless they are told otherwise by a name that there is', () => {
  expect(temporalInTests({})).toBe('start-dev');
  expect(temporalInTests({ TANDEM_TEMPORAL: 'postgres' })).toBe('postgres');
  expect(() => temporalInTests({ TANDEM_TEMPORAL: 'cassandra' })).toThrow(/can be postgres/);
});
