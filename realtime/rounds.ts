/**
 * Does something every so many ms until it is stopped, never twice at once: a round that is due while one is under way is
 * left out. Stopped after the round that is under way.
 */
export function startRounds(
  everyMs: number,
  round: () => Promise<void>,
  failed: (error: unknown) => void,
): { stop(): Promise<void> } {
  let underWay: Promise<void> | null = null;
  const timer = setInterval(() => {
    underWay ??= round()
      .catch(failed)
      .finally(() => {
        underWay = null;
      });
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await underWay;
    },
  };
}
