import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/**
 * A WebSocket client with nothing around it, so that whoever holds thousands of them is not what is measured: it reads
 * frames in place, and hands on the text of each.
 */
export class RawSocket {
  readonly #socket: Socket;
  readonly #text: (text: string) => void;
  #rest: Buffer | null = null;
  #open = false;

  constructor(url: string, heard: { open(): void; text(text: string): void; closed(code: number): void }) {
    const { hostname, port, pathname, search } = new URL(url);
    this.#text = heard.text;
    this.#socket = connect(Number(port), hostname);
    this.#socket.setNoDelay(true);
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => heard.closed(this.#code));
    this.#socket.on('connect', () => {
      const key = randomBytes(16).toString('base64');
      const lines = [
        ...[`GET ${pathname}${search} HTTP/1.1`, `Host: ${hostname}:${port}`, 'Upgrade: websocket'],
        ...['Connection: Upgrade', `Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13'],
      ];
      this.#socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    });
    this.#socket.on('data', (chunk) => {
      if (this.#open) return this.#read(chunk);
      const head = this.#joined(chunk);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) {
        this.#rest = head;
        return undefined;
      }
      if (!head.toString('latin1', 0, 12).endsWith('101')) return void this.#socket.destroy();
      this.#open = true;
      this.#rest = null;
      heard.open();
      return this.#read(head.subarray(end + 4));
    });
  }

  #code = 1006;

  send(text: string): void {
    const body = Buffer.from(text);
    const size = body.length;
    const head = size < 126 ? Buffer.from([0x81, 0x80 | size]) : Buffer.from([0x81, 0xfe, size >> 8, size & 255]);
    // A mask of zeros is one, and costs nobody anything.
    this.#socket.write(Buffer.concat([head, Buffer.alloc(4), body]));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #joined(chunk: Buffer): Buffer {
    return this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
  }

  #read(chunk: Buffer): void {
    const data = this.#joined(chunk);
    let at = 0;
    while (data.length - at >= 2) {
      const kind = (data[at] as number) & 0x0f;
      let size = (data[at + 1] as number) & 0x7f;
      let from = at + 2;
      if (size === 126) {
        if (data.length - at < 4) break;
        size = data.readUInt16BE(at + 2);
        from = at + 4;
      } else if (size === 127) {
        if (data.length - at < 10) break;
        size = Number(data.readBigUInt64BE(at + 2));
        from = at + 10;
      }
      if (data.length < from + size) break;
      at = from + size;
      this.#take(kind, data, from, at);
    }
    this.#rest = at === data.length ? null : data.subarray(at);
  }

  #take(kind: number, data: Buffer, from: number, to: number): void {
    if (kind === 1) this.#text(data.toString('latin1', from, to));
    else if (kind === 9) this.#pong(data.subarray(from, to));
    else if (kind === 8) {
      this.#code = to - from >= 2 ? data.readUInt16BE(from) : 1005;
      this.#socket.destroy();
    }
  }

  #pong(body: Buffer): void {
    this.#socket.write(Buffer.concat([Buffer.from([0x8a, 0x80 | body.length]), Buffer.alloc(4), body]));
  }
}
