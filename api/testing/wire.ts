import { connect } from 'node:net';

/** One answer as it came over the wire. */
export type WireAnswer = { status: number; headers: Record<string, string>; body: string };

/**
 * Sends bytes that no client library would, to a server on this machine, and gives all answers until it closes the
 * connection or `count` have come.
 */
export async function onTheWire(origin: string, bytes: string | Buffer, count = 1): Promise<WireAnswer[]> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  const answers: WireAnswer[] = [];
  let rest: Buffer = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.write(bytes);
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (let read = readAnswer(rest); read; read = readAnswer(rest)) {
      answers.push(read.answer);
      rest = read.rest;
    }
    if (answers.length >= count) break;
  }
  socket.destroy();
  return answers;
}

function readAnswer(bytes: Buffer): { answer: WireAnswer; rest: Buffer } | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const length = Number(headers['content-length'] ?? 0);
  const begin = end + 4;
  if (bytes.length < begin + length) return null;
  return {
    answer: {
      status: Number(first.split(' ')[1]),
      headers,
      body: bytes.subarray(begin, begin + length).toString('utf8'),
    },
    rest: bytes.subarray(begin + length),
  };
}
