import type { Part, PartName } from './part.ts';

/** How a part is, as the API tells it. */
export type PartState = {
  name: PartName;
  state: 'runs' | 'starting' | 'away';
  /** Since when, ISO. */
  since: string;
  /** How many times it has ended. */
  ended: number;
};

/** Keeps how each part is, and ends one where a child asks for it: what dies by itself comes back in the same way. */
export class Breaking {
  readonly #parts = new Map<PartName, { part: Part; told: PartState }>();

  spawned(part: Part): void {
    this.#set(part, 'starting');
    void part.ended.then(() => {
      const known = this.#parts.get(part.name);
      if (known?.part === part) this.#set(part, 'away', known.told.ended + 1);
    });
  }

  ready(part: Part): void {
    this.#set(part, 'runs');
  }

  /** What a child says over its line; anything but what is known is let be. */
  hear(message: unknown, child: Part): void {
    const { ask, break: name } = (message ?? {}) as { ask?: unknown; break?: unknown };
    if (ask === 'parts') this.#tell(child);
    this.#parts.get(name as PartName)?.part.kill('SIGKILL');
  }

  #set(part: Part, state: PartState['state'], ended = this.#parts.get(part.name)?.told.ended ?? 0): void {
    const { name } = part;
    this.#parts.set(name, { part, told: { name, state, since: new Date().toISOString(), ended } });
    for (const each of this.#parts.values()) this.#tell(each.part);
  }

  #tell(child: Part): void {
    child.tell({ parts: [...this.#parts.values()].map(({ told }) => told) });
  }
}
