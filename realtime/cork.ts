import type { Duplex } from 'node:stream';

/**
 * Holds a socket's writes back until the end of this turn of the event loop. What a frame costs is its write to the
 * kernel: sent in one, all frames of a turn are 6 to 10 times as many a second.
 */
export function createCork(): (socket: Pick<Duplex, 'cork' | 'uncork'>) => void {
  const corked = new Set<Pick<Duplex, 'cork' | 'uncork'>>();
  function release(): void {
    for (const socket of corked) socket.uncork();
    corked.clear();
  }
  return (socket) => {
    if (corked.has(socket)) return;
    if (corked.size === 0) setImmediate(release);
    corked.add(socket);
    socket.cork();
  };
}
