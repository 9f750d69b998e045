/** What a collaboration's workflow has done in the world. Types only: the functions live in `activities/`. */
import type { Deal, Step } from './flow.ts';

export type OpenPromise = {
  id: string;
  kind: 'release' | 'refund';
  amount: string;
  moved: boolean;
  refund_id: string | null;
  refund_status: string | null;
  attempt: number | null;
};

/**
 * Steps after the one its asker knows, the oldest first, and every promise that is open; `version`: number of the deal's
 * last step when this was read, which may be beyond `steps`.
 */
export type News = { steps: Step[]; promises: OpenPromise[]; version: number };

/**
 * `known`: number of the last step the workflow has evolved through; `now`: the workflow's clock; `correlationId`: of
 * the request that brought the last step, for the logs.
 */
export type Asked = { conversationId: string; known: number; now: string; correlationId: string | null };

export type CollaborationActivities = {
  /** The deal as it was opened, before any step; the workflow evolves it from there. */
  readOpening(asked: { conversationId: string }): Promise<Deal>;
  readNews(asked: Asked): Promise<News>;
  /** Books what providers reported about this deal. */
  bookFacts(asked: Asked): Promise<News>;
  /** Ends the state by its deadline, if it still is entry `entry`; `notBefore` when it is not time yet. */
  expire(asked: Asked & { entry: number }): Promise<News & { notBefore: string | null }>;
  /** Moves the money of a promise. */
  carryPromise(asked: Asked & { promiseId: string }): Promise<News>;
  /** Asks the provider to refund, or what became of it; fails, to be tried again, while it cannot be reached. */
  askRefund(asked: Asked & { refundId: string }): Promise<News>;
  remind(asked: Asked & { entry: number; kind: 'half_time' | 'last_day'; deadline: string }): Promise<void>;
  rule(asked: Asked & { release_percent: number; reason: string }): Promise<News>;
  retryRefunds(asked: Asked): Promise<News & { retried: number }>;
  /** Calls an operator: the workflow cannot make sense of the deal's steps. */
  reportParked(asked: Asked & { why: string }): Promise<void>;
};
