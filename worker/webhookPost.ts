import { type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Destination } from './webhookAddress.ts';

/** From the first byte sent to the last one heard. */
const ANSWERED_WITHIN_MS = 15_000;
/** Of the answer so much is kept; a receiver that goes on is hung up on. */
const ANSWER_BYTES = 2_048;

export type PostAnswer = { status: number; answer: string };

/**
 * Posts a body to an address that was judged, by a connection of its own. A redirect is an answer like any other and not
 * followed: it could lead where nobody looked. Rejects where there is no answer in time.
 */
export function post(
  { url, addresses }: Destination,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<PostAnswer> {
  const found: LookupFunction = (_host, options, give) => {
    if (options.all) give(null, [...addresses]);
    else give(null, addresses[0]?.address ?? '', addresses[0]?.family ?? 4);
  };
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    lookup: found,
    agent: false,
    signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
  };
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const sent = send(url, options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const finish = () => {
        const text = Buffer.concat(chunks).subarray(0, ANSWER_BYTES).toString('utf8').replaceAll('\0', '');
        resolve({ status: response.statusCode ?? 0, answer: text });
      };
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes < ANSWER_BYTES) return;
        finish();
        response.destroy();
      });
      response.on('end', finish);
      response.on('error', reject);
    });
    sent.on('error', (error) => {
      reject(sent.destroyed && error.name === 'AbortError' ? new Error('no answer within 15 s') : error);
    });
    sent.end(body);
  });
}
