/** What a server that is measured is told over IPC; what it does then is the same for all. */
export type ServerOrder =
  /** Live events to all in a room, one right after the other. */
  | { do: 'publish'; room: string; events: object[] }
  /** For each of these, so many durable events, numbered from `from`. */
  | { do: 'tell'; users: string[]; many: number; from: number }
  /** Makes accounts, and a room that they are in. */
  | { do: 'gather'; many: number }
  /** One of them says something there; answered with the ms until that was committed. */
  | { do: 'say'; room: string; from: string }
  /** After collecting what is garbage, in bytes. */
  | { do: 'memory' };

export type Gathered = { users: string[]; room: string };
export type Memory = { heap: number; rss: number };

export type Serving = {
  publish(room: string, data: object): void;
  tell?(users: string[], many: number, from: number): Promise<void>;
  gather?(many: number): Promise<Gathered>;
  say?(room: string, from: string): Promise<number>;
};

/** Says its port, and does as it is told. */
export function serve(port: number, serving: Serving): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (order: ServerOrder) => {
    obey(order, serving).then(
      (answer) => process.send?.({ answer }),
      (error) => process.send?.({ error: String(error) }),
    );
  });
  process.send?.({ answer: port });
}

async function obey(order: ServerOrder, serving: Serving): Promise<unknown> {
  if (order.do === 'publish') {
    for (const data of order.events) serving.publish(order.room, data);
    return null;
  }
  if (order.do === 'tell') {
    await serving.tell?.(order.users, order.many, order.from);
    return null;
  }
  if (order.do === 'gather') return serving.gather?.(order.many);
  if (order.do === 'say') return serving.say?.(order.room, order.from);
  // Twice: what weak references held goes with the second.
  for (let n = 0; n < 2; n++) (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed: heap, rss } = process.memoryUsage();
  return { heap, rss } satisfies Memory;
}
