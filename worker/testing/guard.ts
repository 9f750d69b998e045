/** What stands before a guarded cluster: TLS, a client's certificate, and a look at who calls. */
import { once } from 'node:events';
import { connect, createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TestCertificate } from '#payments/testing/certificate.ts';

export type Guard = {
  port: number;
  /** Every call that came through, and the key that it showed. */
  calls: { path: string; key: string | undefined }[];
  close(): void;
};

/** Takes only who shows `theirs`, and passes each call on to the server at `to` in plain. */
export async function startGuard(to: string, ours: TestCertificate, theirs: TestCertificate): Promise<Guard> {
  const calls: Guard['calls'] = [];
  const server: Http2SecureServer = createSecureServer({
    cert: ours.pem,
    key: ours.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    ca: theirs.pem,
    requestCert: true,
    rejectUnauthorized: true,
  });
  const sessions = new Set<{ destroy(): void }>();
  const far = connect(`http://${to}`).on('error', () => {});
  sessions.add(far);
  server.on('session', (session) => sessions.add(session.on('error', () => {})));
  server.on('stream', (near: ServerHttp2Stream, { ':authority': _, ...headers }) => {
    calls.push({ path: String(headers[':path']), key: headers.authorization });
    const call = far.request(headers);
    near.on('error', () => {}).on('close', () => call.close());
    call.on('error', () => near.close());
    let trailers = {};
    call.on('response', (answered) => near.respond(answered, { waitForTrailers: true }));
    call.on('trailers', (sent) => {
      trailers = sent;
    });
    near.on('wantTrailers', () => near.sendTrailers(trailers));
    near.pipe(call).pipe(near);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    calls,
    close() {
      server.close();
      for (const session of sessions) session.destroy();
    },
  };
}
