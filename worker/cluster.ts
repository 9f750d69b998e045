import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { readKeys } from '#program/sealing.ts';
import { keepsTraces } from '#program/trace.ts';
import { createCodec } from './codec.ts';
import { traceSignals } from './traced.ts';

type Tls = NonNullable<ReturnType<typeof loadClientConnectConfig>['connectionOptions']['tls']>;

/** Where our workflows are, and how one comes in there. */
export type Cluster = {
  address: string;
  namespace: string;
  taskQueue: string;
  tls?: Tls;
  apiKey?: string;
  metadata?: Record<string, string | Buffer>;
  /** Makes what is sent there unreadable to others. */
  dataConverter?: DataConverter;
  /** What workers call themselves; without it any of them takes any workflow's task. */
  release?: Release;
};

/** A worker's release, as Temporal's Worker Versioning knows it: it gives tasks to the one that is in use. */
export type Release = { deploymentName: string; buildId: string };

/** What our workers are called together, where nobody calls them otherwise. */
export const DEPLOYMENT = 'tandem';

type Read = {
  TEMPORAL_ADDRESS: string;
  TEMPORAL_NAMESPACE: string;
  TEMPORAL_TASK_QUEUE: string;
  TEMPORAL_CODEC_KEY?: string | undefined;
  TEMPORAL_DEPLOYMENT_NAME?: string | undefined;
  TEMPORAL_WORKER_BUILD_ID?: string | undefined;
};

/**
 * The cluster as Temporal's own tools are told of it (TEMPORAL_API_KEY, TEMPORAL_TLS_…, TEMPORAL_GRPC_META_…). Its
 * configuration file is read only where one is named: that of whoever develops here may lead to another cluster.
 * Throws where a file that is named cannot be read, or a key is none.
 */
export function readCluster(config: Read, environment: Record<string, string | undefined>): Cluster {
  const named = Boolean(environment.TEMPORAL_CONFIG_FILE ?? environment.TEMPORAL_PROFILE);
  const set = Object.entries(environment).filter(([, value]) => value !== undefined && value !== '');
  const { connectionOptions, namespace } = loadClientConnectConfig({
    disableFile: !named,
    overrideEnvVars: Object.fromEntries(set) as Record<string, string>,
  });
  const { tls, apiKey, metadata, address } = connectionOptions;
  return {
    address: address ?? config.TEMPORAL_ADDRESS,
    namespace: namespace ?? config.TEMPORAL_NAMESPACE,
    taskQueue: config.TEMPORAL_TASK_QUEUE,
    ...(tls && { tls }),
    ...(typeof apiKey === 'string' && { apiKey }),
    ...(metadata && { metadata }),
    ...(config.TEMPORAL_CODEC_KEY && {
      dataConverter: { payloadCodecs: [createCodec(readKeys(config.TEMPORAL_CODEC_KEY))] },
    }),
    ...(config.TEMPORAL_WORKER_BUILD_ID && {
      release: {
        deploymentName: config.TEMPORAL_DEPLOYMENT_NAME ?? DEPLOYMENT,
        buildId: config.TEMPORAL_WORKER_BUILD_ID,
      },
    }),
  };
}

/** What it takes to come in. */
export type Way = Pick<Cluster, 'address' | 'namespace' | 'tls' | 'apiKey' | 'metadata'>;

const way = ({ address, tls, apiKey, metadata }: Way) => ({
  address,
  ...(tls !== undefined && { tls }),
  ...(apiKey !== undefined && { apiKey }),
  ...(metadata !== undefined && { metadata }),
});

/** Lazy: calls fail while Temporal is away, and work again when it is back. */
export function createClient(cluster: Cluster): Client {
  return new Client({
    connection: Connection.lazy(way(cluster)),
    namespace: cluster.namespace,
    ...(cluster.dataConverter && { dataConverter: cluster.dataConverter }),
    ...(keepsTraces() && { interceptors: { workflow: [traceSignals] } }),
  });
}

/** A connection that is there. Throws while Temporal cannot be reached. */
export function connect(to: Way, connectTimeout: number): Promise<Connection> {
  return Connection.connect({ ...way(to), connectTimeout });
}

/** The worker's kind of connection. Throws while Temporal cannot be reached. */
export function connectNatively(cluster: Cluster): Promise<NativeConnection> {
  return NativeConnection.connect(way(cluster));
}

/** For Temporal to say whether our namespace is there. */
const ASK_MS = 5_000;

/**
 * Throws while Temporal cannot be reached or does not know the namespace. To be asked before a worker is made: the SDK
 * asks the same, but after it has made threads that nothing ends, some 25 MB a try. The worker's kind of connection will
 * not do for it, as each of those that fails leaves four file descriptors behind.
 */
export async function askForNamespace(cluster: Cluster): Promise<void> {
  const connection = Connection.lazy({
    ...way(cluster),
    // One try, made now: whoever asks makes the next, and it does not wait for the relay's connection to be tried again.
    interceptors: [],
    channelArgs: { 'grpc.use_local_subchannel_pool': 1 },
  });
  try {
    await connection.withDeadline(Date.now() + ASK_MS, () =>
      connection.workflowService.describeNamespace({ namespace: cluster.namespace }),
    );
  } finally {
    await connection.close();
  }
}
