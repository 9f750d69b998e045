import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { click } from './clicking.ts';
import type { ClickedDeal, Person } from './deals.ts';
import { median } from './numbers.ts';

/** How soon the other side of a deal has a click on its socket, counted from when the clicker has the answer. */

export type Heard = {
  clicks: number;
  /** Milliseconds from the answer to `conversation_state_changed`; below zero where that came first. */
  changed: number;
  /** To the last event of the click. */
  last: number;
  /** How long the click itself took. */
  answered: number;
};

const DEALS = 8;
/** Between clicks, so that one is over before the next. */
const PAUSE_MS = 25;
const PATIENCE_MS = 5_000;

export async function hearClicks(url: string, deals: readonly ClickedDeal[], clicks: number): Promise<Heard> {
  const listened = deals.slice(0, DEALS);
  const ears = await Promise.all(
    listened.map(async ({ brand, influencer }) => ({
      brand: await Ear.open(url, brand),
      influencer: await Ear.open(url, influencer),
    })),
  );
  const changed: number[] = [];
  const last: number[] = [];
  const answered: number[] = [];
  try {
    for (let number = 0; number < clicks; number += 1) {
      const at = number % listened.length;
      const { brand, influencer } = ears[at] as (typeof ears)[number];
      brand.forget();
      influencer.forget();
      const began = performance.now();
      const side = await click(url, listened[at] as ClickedDeal);
      const now = performance.now();
      const other = side === 'brand' ? influencer : brand;
      changed.push((await other.hears('conversation_state_changed')) - now);
      await wait(PAUSE_MS);
      last.push(other.lastAt - now);
      answered.push(now - began);
    }
  } finally {
    for (const { brand, influencer } of ears) {
      brand.close();
      influencer.close();
    }
  }
  return { clicks, changed: median(changed), last: median(last), answered: median(answered) };
}

/** One person's socket. */
class Ear {
  readonly #socket: WebSocket;
  #heard = new Map<string, number>();
  #waiting: (() => void) | null = null;
  lastAt = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async open(url: string, person: Person): Promise<Ear> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { perMessageDeflate: false });
    const ear = new Ear(socket);
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('close', (code) => reject(new Error(`a socket was closed with ${code}`)));
      socket.on('message', (data) => {
        const now = performance.now();
        const frame = JSON.parse(data.toString());
        if (frame.type === 'hello') socket.send(JSON.stringify({ type: 'auth', token: person.access }));
        else if (frame.type === 'ready') resolve();
        else if (frame.type === 'event') ear.#hear(frame.name, now);
      });
    });
    return ear;
  }

  #hear(name: string, now: number): void {
    this.#heard.set(name, now);
    this.lastAt = now;
    this.#waiting?.();
  }

  forget(): void {
    this.#heard = new Map();
  }

  /** When an event of this name came, since `forget`. Throws when it does not come within 5 s. */
  async hears(name: string): Promise<number> {
    const giveUp = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const at = this.#heard.get(name);
      if (at !== undefined) return at;
      giveUp.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
        giveUp.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.close();
  }
}
