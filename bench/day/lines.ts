import { VOICES } from '../live/voices.ts';
import { RawSocket } from '../realtime/rawSocket.ts';
import { Refused } from './asking.ts';

const VOICE = VOICES['/ws'];
/** What is not answered by then is not answered. */
const PATIENCE_MS = 30_000;

/** What all lines heard together. */
export type Heard = { events: number; bytes: number; closed: number };

/** Somebody's socket, which stays connected, in the room of a stream. */
export class Line {
  readonly #socket: RawSocket;
  readonly #asked = new Map<number, (refused: string | null) => void>();
  #next = 1;

  private constructor(
    url: string,
    token: string,
    stream: string,
    heard: Heard,
    settle: (failed: Error | null) => void,
  ) {
    this.#socket = new RawSocket(url + VOICE.path, {
      open() {},
      text: (text) => {
        heard.bytes += text.length;
        try {
          const said = VOICE.hear(text, token, stream);
          if (said.is === 'say') this.#socket.send(said.text);
          else if (said.is === 'ready') settle(null);
          else if (said.is === 'answer') this.#answer(said.n, said.refused);
          else if (said.is === 'event') heard.events += 1;
        } catch (error) {
          settle(error as Error);
        }
      },
      closed: (code) => {
        heard.closed += 1;
        settle(new Error(`a line was closed with ${code}`));
        for (const [n] of this.#asked) this.#answer(n, `closed with ${code}`);
      },
    });
  }

  static open(url: string, token: string, stream: string, heard: Heard): Promise<Line> {
    return new Promise((resolve, reject) => {
      const line: Line = new Line(url, token, stream, heard, (failed) => (failed ? reject(failed) : resolve(line)));
    });
  }

  #answer(n: number, refused: string | null): void {
    const settle = this.#asked.get(n);
    this.#asked.delete(n);
    settle?.(refused);
  }

  /** Refused where the answer is no success, or does not come. */
  command(name: string, data: object): Promise<void> {
    const n = this.#next++;
    this.#socket.send(VOICE.act(n, name, data));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#answer(n, 'NO_ANSWER'), PATIENCE_MS);
      this.#asked.set(n, (refused) => {
        clearTimeout(timer);
        if (refused === null) resolve();
        else reject(new Refused(/"error_code":"(\w+)"/.exec(refused)?.[1] ?? 'NO_ANSWER', refused.slice(0, 300)));
      });
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}
