/** How much there is. */
export type Size = {
  /** Deals that are open; as many again are over. */
  open: number;
  /** Of each deal. */
  messages: number;
  entries: number;
};

/** Every so many of what there is are the first person's: an agency among people. */
export const AGENCY = 100;

/** Does something with the numbers from 0 on, so many at a time: from one to another that is still meant. */
export async function inPieces(
  many: number,
  each: number,
  work: (from: number, to: number) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < many; from += each) await work(from, Math.min(from + each, many) - 1);
}
