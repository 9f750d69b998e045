import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** What the API is told of an issuer of the bench's own; the address of its keys comes with it. */
export const ISSUER = { AUTH_ISSUER: 'https://login.bench', AUTH_AUDIENCE: 'bench' };

export type Issuer = { url: string; tokenOf(name: string, roles: readonly string[]): Promise<string>; close(): void };

/** Whoever has the keys makes the tokens: two hours each. Passwords of so many would take longer than what is measured. */
export async function openIssuer(): Promise<Issuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256', use: 'sig' }];
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    tokenOf: (name, roles) =>
      new SignJWT({ preferred_username: name, roles })
        .setProtectedHeader({ alg: 'ES256', kid: 'bench' })
        .setIssuer(ISSUER.AUTH_ISSUER)
        .setAudience(ISSUER.AUTH_AUDIENCE)
        .setSubject(name)
        .setIssuedAt()
        .setExpirationTime('2h')
        .sign(privateKey),
    close: () => void server.close(),
  };
}
