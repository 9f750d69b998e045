import type { Ack, CommandFrame, CommandName } from './frames.ts';
import { newIdempotencyKey } from './idempotencyKey.ts';
import { Refusal } from './refusal.ts';

type Pending = {
  frame: CommandFrame;
  resolve: (answer: unknown) => void;
  reject: (error: unknown) => void;
};

/** In a room by which command, to be said again on each new line. */
type Entered = { name: CommandName; data: unknown };

const isJoin = (name: string) => name === 'join' || name.startsWith('join_');
const isLeave = (name: string) => name.startsWith('leave_');

/**
 * Commands over a line that comes and goes: what was not acknowledged is sent again on the next one under the same key,
 * and so done once; rooms that one was in are joined anew.
 */
export class Commands {
  readonly #write: (frame: CommandFrame) => boolean;
  readonly #pending = new Map<number, Pending>();
  readonly #entered = new Map<string, Entered>();
  #count = 0;
  #open = false;
  /** Why there will be no line any more. */
  #closed: Refusal | null = null;

  /** `write` sends a frame, or says that there is no line. */
  constructor(write: (frame: CommandFrame) => boolean) {
    this.#write = write;
  }

  /** Those that are not answered yet. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Sent now, or as soon as there is a line. */
  send(name: CommandName, data: unknown, { signal, key }: { signal?: AbortSignal; key?: string }): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#closed) return reject(this.#closed);
      const frame = this.#frame(name, data, key ?? newIdempotencyKey());
      const onAbort = () => {
        this.#pending.delete(frame.id);
        reject(signal?.reason);
      };
      const settle = (how: (value: unknown) => void) => (value: unknown) => {
        signal?.removeEventListener('abort', onAbort);
        how(value);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(frame.id, { frame, resolve: settle(resolve), reject: settle(reject) });
      if (this.#open) this.#write(frame);
    });
  }

  /** Sent now or never, for what is of this moment. */
  say(name: CommandName, data: unknown): void {
    if (this.#open) this.#write(this.#frame(name, data));
  }

  /** A line is there, signed in. */
  begin(): void {
    this.#open = true;
    const joining = new Set([...this.#pending.values()].map(({ frame }) => JSON.stringify([frame.name, frame.data])));
    for (const { name, data } of this.#entered.values()) {
      if (!joining.has(JSON.stringify([name, data]))) this.#write(this.#frame(name, data));
    }
    for (const { frame } of this.#pending.values()) this.#write(frame);
  }

  /** The line has gone. */
  end(): void {
    this.#open = false;
  }

  acknowledged(ack: Ack): void {
    const id = Number(ack.id);
    const found = this.#pending.get(id);
    if (!found) return;
    this.#pending.delete(id);
    if (ack.success) {
      this.#keepRoom(found.frame, ack.data);
      found.resolve(ack.data);
    } else {
      found.reject(new Refusal(ack.message, ack.error_code, 0, ack.details));
    }
  }

  /** One may not be in a room any more. */
  leftRoom(room: string): void {
    this.#entered.delete(room);
  }

  close(reason: Refusal): void {
    this.#open = false;
    this.#closed ??= reason;
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }

  #frame(name: CommandName, data: unknown, key?: string): CommandFrame {
    this.#count += 1;
    return { type: 'command', id: this.#count, name, data, ...(key !== undefined && { idempotency_key: key }) };
  }

  #keepRoom({ name, data }: CommandFrame, answer: unknown): void {
    const { room } = (answer ?? {}) as { room?: string };
    if (room === undefined) return;
    if (isJoin(name)) this.#entered.set(room, { name, data });
    if (isLeave(name)) this.#entered.delete(room);
  }
}
