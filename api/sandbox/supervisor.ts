import { z } from 'zod';

/** Parts that `npm start` keeps running, where they are ours. */
export const PART_NAMES = ['postgres', 'redis', 'rabbitmq', 'temporal', 'api', 'worker'] as const;
export type BreakablePart = (typeof PART_NAMES)[number];

export const partState = z
  .object({
    name: z.enum(PART_NAMES),
    state: z.enum(['runs', 'starting', 'away']),
    since: z.iso.datetime({ precision: 3 }),
    ended: z.int().nonnegative().describe('How many times it has ended since the start'),
  })
  .meta({
    id: 'PartState',
    examples: [{ name: 'worker', state: 'runs', since: '2026-03-01T10:00:00.000Z', ended: 1 }],
  });
export type PartState = z.infer<typeof partState>;

const told = z.object({ parts: z.array(partState) });

/** Whoever started this process and keeps all parts running. */
export type Supervisor = {
  /** As it told last. */
  parts(): readonly PartState[];
  /** Has it end a part without a word (SIGKILL). It starts it again. */
  break(name: BreakablePart): void;
};

type Line = {
  send?: ((message: object) => unknown) | undefined;
  on(event: 'message', hear: (message: unknown) => void): unknown;
  channel?: { unref(): void } | null | undefined;
};

/** The supervisor of this process, by the line that it keeps to its child. Null where nobody keeps one. */
export function connectSupervisor(line: Line): Supervisor | null {
  if (!line.send) return null;
  let parts: readonly PartState[] = [];
  line.on('message', (message) => {
    parts = told.safeParse(message).data?.parts ?? parts;
  });
  // It keeps nobody from ending.
  line.channel?.unref();
  line.send({ ask: 'parts' });
  return { parts: () => parts, break: (name) => void line.send?.({ break: name }) };
}
