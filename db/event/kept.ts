/** A step whose events are told from it when they are read, as its kind tells them. */
export type KeptStep = {
  processId: string;
  n: number;
  /** The data of one of its events, as it was numbered, for one of its hearers. */
  dataOf(event: unknown, userId: string): Record<string, unknown>;
};
