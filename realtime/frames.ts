/** A text as it goes out, to as many as hear it. */
export class Written {
  readonly text: string;
  #framed: readonly Buffer[] | null = null;
  #whole: Buffer | null = null;
  #count = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** How many lines it has. */
  get count(): number {
    this.#count ||= this.text.split('\n').length;
    return this.#count;
  }

  /** Each line of it as a WebSocket’s frame, made once; `prefix` stands before each, and is always the same. */
  framed(prefix = ''): readonly Buffer[] {
    this.#framed ??= this.text.split('\n').map((line) => frameOf(prefix + line));
    return this.#framed;
  }

  /** The same, one behind the other: what goes to a socket in one write. */
  whole(prefix = ''): Buffer {
    if (this.#whole === null) {
      this.#whole = joined(this.framed(prefix));
    }
    return this.#whole;
  }
}

/** Frames for a socket, in one write. */
export function joined(frames: readonly Buffer[]): Buffer {
  return frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
}

/** What is written to sockets for one event: each form of it made once, however many have it. */
export class Frames {
  #only: { readonly form: string; readonly written: Written } | null = null;
  #more: Map<string, Written> | null = null;

  /** `form` tells forms apart; `make` is asked for one that is not there yet. */
  in(form: string, make: () => string): Written {
    // Almost always all who hear it are of one door, and one form is all there is.
    if (this.#only === null) {
      this.#only = { form, written: new Written(make()) };
      return this.#only.written;
    }
    if (this.#only.form === form) return this.#only.written;
    this.#more ??= new Map();
    const kept = this.#more.get(form);
    if (kept !== undefined) return kept;
    const made = new Written(make());
    this.#more.set(form, made);
    return made;
  }
}

/** A text frame as a server sends it: whole, without a mask (RFC 6455, 5.2). */
export function frameOf(text: string): Buffer {
  const size = Buffer.byteLength(text);
  const head = size < 126 ? 2 : size < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + size);
  frame[0] = 0x81;
  if (head === 2) {
    frame[1] = size;
  } else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(size, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(size), 2);
  }
  frame.write(text, head);
  return frame;
}
