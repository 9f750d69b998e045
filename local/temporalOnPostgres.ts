import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PartFailure, startPart, untilReady } from './part.ts';
import { freePort } from './ports.ts';
import { answers, DYNAMIC_IN_TESTS, PROCESSORS, type Temporal } from './temporal.ts';
import type { ClusterPrograms } from './temporalProgram.ts';
import { STORES as DATABASES, makeTemporalStores } from './temporalStores.ts';

/**
 * Temporal as a cluster runs it, with its stores in Postgres, for `npm test` to play on: the server's own programs and
 * defaults, as in docker-compose.yml, and of what `start-dev` has otherwise nothing.
 */

const run = promisify(execFile);

const SERVICES = ['frontend', 'matching', 'history', 'worker'] as const;
type Ports = Record<(typeof SERVICES)[number], { readonly grpc: number; readonly membership: number }>;

/** Its two databases, and the schema of each among those that the tool has in it. */
const [HISTORIES, SEARCHED] = DATABASES;
const STORES = [
  { database: HISTORIES, schema: 'postgresql/v12/temporal', connections: 20 },
  { database: SEARCHED, schema: 'postgresql/v12/visibility', connections: 10 },
] as const;
/** Who it is there, as in docker-compose.yml: nobody who may do more. */
const ROLE = { username: 'temporal', password: 'temporal' };
const PLUGIN = 'postgres12';

/** Every server has it once it is there; namespaces of ours are made in it as in anybody's. */
const OWN_NAMESPACE = 'temporal-system';

/** What the server reads at its start. All of it is on this machine alone, and there is no HTTP API. */
export function configOf(postgresUrl: string, ports: Ports, dynamicFile: string): object {
  const { host, username: user, password } = new URL(postgresUrl);
  const storeOf = ({ database, connections }: (typeof STORES)[number]) => ({
    sql: {
      ...{ pluginName: PLUGIN, databaseName: database, connectAddr: host, connectProtocol: 'tcp' },
      ...{ user, password: decodeURIComponent(password) },
      ...{ maxConns: connections, maxIdleConns: connections, maxConnLifetime: '1h' },
    },
  });
  const [defaultStore, visibilityStore] = STORES;
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      numHistoryShards: 4,
      defaultStore: defaultStore.database,
      visibilityStore: visibilityStore.database,
      datastores: Object.fromEntries(STORES.map((store) => [store.database, storeOf(store)])),
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: Object.fromEntries(
      SERVICES.map((name) => {
        const { grpc: grpcPort, membership: membershipPort } = ports[name];
        return [name, { rpc: { grpcPort, membershipPort, bindOnIP: '127.0.0.1' } }];
      }),
    ),
    clusterMetadata: {
      ...{ enableGlobalNamespace: false, failoverVersionIncrement: 10 },
      ...{ masterClusterName: 'active', currentClusterName: 'active' },
      clusterInformation: {
        active: {
          ...{ enabled: true, initialFailoverVersion: 1, rpcName: 'frontend' },
          rpcAddress: `127.0.0.1:${ports.frontend.grpc}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    publicClient: { hostPort: `127.0.0.1:${ports.frontend.grpc}` },
    dynamicConfigClient: { filepath: dynamicFile, pollInterval: '60s' },
  };
}

/** Settings as its file of those that may change has them: each for everybody. */
export function dynamicOf(settings: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, [{ value }]]));
}

export interface OnPostgres {
  readonly programs: ClusterPrograms;
  /** A database of the server that is to keep its two, by somebody who may make them. */
  readonly postgresUrl: string;
  /** For what it reads at its start. */
  readonly dir: string;
  readonly log: string;
}

/** Makes or updates the two databases, starts all four services in one process, and waits until they answer. */
export async function startTemporalOnPostgres({ programs, postgresUrl, dir, log }: OnPostgres): Promise<Temporal> {
  await makeTemporalStores({
    ...{ databaseUrl: postgresUrl, databases: DATABASES },
    ...{ role: ROLE.username, password: ROLE.password },
  });
  const ownUrl = Object.assign(new URL(postgresUrl), ROLE).href;
  await prepareStores(programs.sqlTool, ownUrl);
  const ports = await freePorts();
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const [file, dynamicFile] = [join(dir, 'server.yaml'), join(dir, 'dynamic.yaml')];
  // JSON is YAML.
  const write = (path: string, content: object) =>
    writeFileSync(path, JSON.stringify(content, null, 2), { mode: 0o600 });
  write(dynamicFile, dynamicOf(DYNAMIC_IN_TESTS));
  write(file, configOf(ownUrl, ports, dynamicFile));
  const part = await startPart({
    name: 'temporal',
    command: [programs.server, '--config-file', file, '--allow-no-auth', 'start'],
    env: { GOMAXPROCS: PROCESSORS, ...process.env },
    log,
    orphanSignal: 'SIGTERM',
    stop: [{ signal: 'SIGTERM', wait: 10_000 }],
  });
  const address = `127.0.0.1:${ports.frontend.grpc}`;
  await untilReady(part, () => answers(address, OWN_NAMESPACE), 120_000);
  return Object.assign(part, { address, ui: null });
}

async function freePorts(): Promise<Ports> {
  const ports = SERVICES.map(async (name) => [name, { grpc: await freePort(), membership: await freePort() }]);
  return Object.fromEntries(await Promise.all(ports));
}

/** As docker-compose.yml does it, but with the schemas that are in the tool; what is current already stays as it is. */
async function prepareStores(sqlTool: string, postgresUrl: string): Promise<void> {
  const { hostname, port, username, password } = new URL(postgresUrl);
  const env = { PATH: process.env.PATH, SQL_PLUGIN: PLUGIN, SQL_HOST: hostname, SQL_PORT: port, SQL_USER: username };
  for (const { database, schema } of STORES) {
    for (const step of [
      ['setup-schema', '--version', '0.0'],
      ['update-schema', '--schema-name', schema],
    ]) {
      await run(sqlTool, ['--db', database, ...step], {
        env: { ...env, SQL_PASSWORD: decodeURIComponent(password) },
      }).catch((error: { stdout?: string; stderr?: string }) => {
        throw new PartFailure(`${database} could not be made (${step[0]})`, `${error.stdout}${error.stderr}`);
      });
    }
  }
}
