/** What the tabs of one site have in common: turns, and words to each other. Where either is missing it is done without. */

type Locks = { request<Given>(name: string, work: () => Promise<Given>): Promise<Given> };

/** Does work while no other tab does work of that name. Web Locks are there on pages with TLS, on localhost and in Node. */
export function inTurn<Given>(name: string, work: () => Promise<Given>): Promise<Given> {
  const { locks } = (globalThis.navigator ?? {}) as { locks?: Locks };
  return locks ? locks.request(name, work) : work();
}

export interface Tabs<Word> {
  /** To all other tabs. */
  say(word: Word): void;
  close(): void;
}

export function tabsOf<Word>(name: string, onWord: (word: Word) => void): Tabs<Word> {
  if (typeof BroadcastChannel === 'undefined') return { say: () => {}, close: () => {} };
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => onWord(data as Word);
  // In Node it would keep the process running.
  (channel as { unref?: () => void }).unref?.();
  return { say: (word) => channel.postMessage(word), close: () => channel.close() };
}
