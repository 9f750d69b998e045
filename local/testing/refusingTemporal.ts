import { once } from 'node:events';
import { createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** Statuses of gRPC. */
const [DONE, UNKNOWN_CALL, AWAY] = ['0', '12', '14'];
/** A message without a field. */
const EMPTY = Buffer.alloc(5);

/** A server that lets workers be made, as though it were Temporal, and says no to all that they ask then. */
export async function startRefusingTemporal(): Promise<{ address: string; close: () => void }> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    const call = String(headers[':path']).split('/').at(-1);
    const head = { ':status': 200, 'content-type': 'application/grpc' };
    if (call !== 'DescribeNamespace') {
      // What a server can do is asked first; one that is too old to say so is no trouble.
      const status = call === 'GetSystemInfo' ? UNKNOWN_CALL : AWAY;
      return stream.respond({ ...head, 'grpc-status': status }, { endStream: true });
    }
    stream.respond(head, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': DONE }));
    stream.end(EMPTY);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      for (const session of sessions) session.destroy();
    },
  };
}
