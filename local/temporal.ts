import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { Connection } from '@temporalio/client';
import { type Part, startPart, untilReady } from './part.ts';
import { SEARCH_ATTRIBUTES } from './searchAttributes.ts';

export interface TemporalOptions {
  /** The `temporal` program, from `findTemporal`. */
  readonly program: string;
  readonly port: number;
  /** The Web UI's port; without one there is no Web UI. */
  readonly uiPort?: number;
  /** Where histories are kept; without one they live in memory. */
  readonly dbFile?: string;
  /** Made at its start where it is missing; `default` is always there. */
  readonly namespace?: string;
  readonly log: string;
  /** A workflow's clock can be moved, and a run takes few Signals. */
  readonly forTests?: boolean;
  readonly spawned?: (part: Part) => void;
}

export interface Temporal extends Part {
  /** `host:port`, as TEMPORAL_ADDRESS takes it. */
  readonly address: string;
  /** Null without a Web UI. */
  readonly ui: string | null;
}

/** Signals that a run takes in tests: what happens at the server's 10,000 is then seen within seconds. */
export const SIGNALS_IN_TESTS = 1_500;

/** A run whose tasks failed so often in a row is called one that cannot go on: with the server's five, after 40 s. */
const STUCK_AFTER = { 'system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute': 2 };

/** What a server for tests has otherwise than the usual one, whatever it keeps its histories in. */
export const DYNAMIC_IN_TESTS: Readonly<Record<string, boolean | number>> = {
  'frontend.WorkflowTimeSkippingEnabled': true,
  'history.maximumSignalsPerExecution': SIGNALS_IN_TESTS,
  ...STUCK_AFTER,
};

/**
 * The server's HTTP API asks nobody who they are and takes a body of `text/plain`, which any web page may send anywhere:
 * one that an operator has open could send the Update that moves money. It answers only hosts of these names, and no
 * address has a space in it. The Web UI asks by gRPC, behind its own check of where a request comes from.
 */
const NO_HTTP_API = dynamic({ 'frontend.httpAllowedHosts': ['no host'] });

/**
 * The server reads what search attributes there are from its store again and again, for whoever makes new ones; that is
 * a twelfth of what a Signal costs it. Ours are there from its first start; tests make namespaces with theirs.
 */
const STEADY = [
  ...dynamic({ 'system.forceSearchAttributesCacheRefreshOnRead': false, ...STUCK_AFTER }),
  ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
];

/**
 * Half of the machine is the others': on all of it, the server's threads wake each other, which cost it a tenth to a
 * quarter more of two processors for the same Signals, and the worker nearly as much.
 */
export const PROCESSORS = String(Math.max(1, Math.floor(availableParallelism() / 2)));

/** Starts the Temporal server on 127.0.0.1, and waits until its namespace is there. */
export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  const namespace = options.namespace ?? 'default';
  if (options.dbFile !== undefined) mkdirSync(dirname(options.dbFile), { recursive: true, mode: 0o700 });
  const address = `127.0.0.1:${options.port}`;
  const part = await startPart({
    name: 'temporal',
    command: [
      options.program,
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(options.port), '--log-level', 'error'],
      ...(options.uiPort === undefined
        ? ['--headless']
        : ['--ui-port', String(options.uiPort), '--ui-disable-news-fetch']),
      ...(options.dbFile === undefined ? [] : storage(options.dbFile)),
      // Made here, it knows our search attributes from its first moment; made later, after some seconds.
      ...(namespace === 'default' ? [] : ['--namespace', namespace]),
      ...NO_HTTP_API,
      ...(options.forTests === true ? dynamic(DYNAMIC_IN_TESTS) : STEADY),
    ],
    env: { GOMAXPROCS: PROCESSORS, ...process.env },
    log: options.log,
    orphanSignal: 'SIGTERM',
    stop: [{ signal: 'SIGTERM', wait: 2000 }],
    spawned: options.spawned,
  });
  await untilReady(part, () => answers(address, namespace), 60_000);
  return Object.assign(part, {
    address,
    ui: options.uiPort === undefined ? null : `http://127.0.0.1:${options.uiPort}`,
  });
}

/** A write-ahead log with a sync per commit: 3 syncs for a workflow task instead of 12, and as durable. */
function storage(file: string): string[] {
  return ['--db-filename', file, '--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=2'];
}

function dynamic(settings: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => [
    '--dynamic-config-value',
    `${name}=${JSON.stringify(value)}`,
  ]);
}

/** Whether it knows a namespace. */
export async function answers(address: string, namespace: string): Promise<boolean> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address, connectTimeout: 500 });
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}
