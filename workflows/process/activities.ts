/** What a process's workflow has done in the world. Types only: the functions live in `activities/`. */
import type { Process, Step } from './machine.ts';

/** A promise that is not done. */
export type OpenPromise = {
  id: string;
  kind: string;
  amount: string;
  asset: string;
  /** Whether its transfer was made; what is left is then a provider's to do. */
  moved: boolean;
  /** A dispute about its payment is open: it is not carried before that has ended. */
  held_up: boolean;
  /** What a provider is asked to do for it, once its transfer was made: a refund or a payout. */
  call: Call | null;
};
export type Call = {
  id: string;
  kind: 'refund' | 'payout';
  provider: string;
  /** `failed` waits for an operator. */
  status: string;
  attempt: number;
};

/**
 * Steps after the one its asker knows, the oldest first, and every promise that is open; `version`: number of the
 * process's last step when this was read, which may be beyond `steps`.
 */
export type News = {
  steps: Step[];
  promises: OpenPromise[];
  version: number;
  /** An order that is open at a provider: asked about before a deadline may close it. */
  order: { id: string; provider: string } | null;
};

/**
 * `known`: number of the last step the workflow has evolved through; `now`: the workflow's clock; `correlationId`: of
 * the request that brought the last step, for the logs.
 */
export type Asked = { processId: string; known: number; now: string; correlationId: string | null };

export type ProcessActivities = {
  /** The process as it stands in Postgres: a run starts from there and evolves only what is newer. */
  readProcess(asked: { processId: string }): Promise<Process>;
  readNews(asked: Asked): Promise<News>;
  /** Books what providers reported about this process. */
  bookFacts(asked: Asked): Promise<News>;
  /** Ends the state by its deadline, if it still is entry `entry`; `notBefore` when it is not time yet. */
  expire(asked: Asked & { entry: number }): Promise<News & { notBefore: string | null }>;
  /** Moves the money of a promise. */
  carryPromise(asked: Asked & { promiseId: string }): Promise<News>;
  remind(asked: Asked & { entry: number; kind: string; deadline: string }): Promise<void>;
  /** An operator's command from the Web UI; refused as the machine refuses it, or where nobody says who asks. */
  command(asked: Asked & { on: string; data: Record<string, unknown> } & Sender): Promise<News>;
  /** Makes every call of this process that failed due again. */
  retryCalls(asked: Asked & Sender): Promise<News & { retried: number }>;
  /** Calls an operator: something about this process does not go on by itself. Closed by `heal`. */
  report(asked: Asked & { what: Trouble; why: string }): Promise<void>;
  /** What was reported has gone on: its task is closed. */
  heal(asked: Asked & { what: Trouble }): Promise<void>;
};

/** Why something does not go on by itself. */
export type Trouble = 'parked' | 'activity_fails' | 'order_unasked';

/** Who sent an Update: the server knows by its id, and `by` is what they say themselves. */
export type Sender = { updateId: string; by: string | null };

/** Asked of providers, on a task queue of each provider's own. */
export type ProviderActivities = {
  /** Asks the provider to do what a promise needs, or what became of it; fails, to be tried again, while it is away. */
  askCall(asked: Asked & { call: { id: string; kind: 'refund' | 'payout' } }): Promise<News>;
  /** Asks what became of an order; what is found is a fact like one that a webhook told, stored and booked. */
  askOrder(asked: Asked & { orderId: string }): Promise<News>;
};
