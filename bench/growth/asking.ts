import type { Pool, Transaction } from '#db/pool.ts';

/** Whom and what the questions are about. */
export type About = {
  now: string;
  /** With some twenty deals. */
  somebody: string;
  /** With a hundredth of all there is. */
  agency: string;
  /** Of an ordinary person. */
  conversation: string;
  /** On air, with an open poll. */
  stream: string;
  video: string;
  /** On sale, with tickets. */
  event: string;
  /** Who is connected at once. */
  readers: { userId: string; after: number }[];
};

export type Hot = {
  name: string;
  /** How it is used, and so how long it may take. */
  used: string;
  ask: (pool: Pool, about: About) => Promise<unknown>;
};

class Undone extends Error {}

/** What writes is undone, so that the next try finds what this one found. */
export async function undone(pool: Pool, work: (transaction: Transaction) => Promise<unknown>): Promise<void> {
  await pool
    .transaction(async (transaction) => {
      await work(transaction);
      throw new Undone();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undone)) throw error;
    });
}
