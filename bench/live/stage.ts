import type { Subject } from './voices.ts';

/** Where all that is measured runs: servers of the bench's own. */
export type Place = {
  dir: string;
  postgres: { url: string; pid: number };
  redis: { url: string; pid: number };
  /** The program, for servers of its own. */
  temporal: string;
  /** A new database, with our tables or empty. */
  database(name: string, ours: boolean): Promise<string>;
};

/** A stream on air on one server, with everybody who is to be in it. */
export type Stage = {
  url: string;
  /** Of each viewer. */
  tokens: readonly string[];
  subject: Subject;
  /** Ends the poll that is open in the stream, and opens another: its id. */
  nextPoll(): Promise<string>;
  /** Of a poll: votes, as its server counts them. */
  votes(pollId: string): Promise<number>;
  /** What counts as its CPU, by name: `server` is who the viewers are connected to. */
  pids: Readonly<Record<string, number>>;
  /** Tokens that the creator has been given, as its books say. */
  earned(): Promise<bigint>;
  /** What is wrong with the books; none where all is well. */
  wrong(): Promise<readonly string[]>;
  /** Once, however often it is asked for. */
  stop(): Promise<void>;
};
