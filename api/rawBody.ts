import type { FastifyInstance } from 'fastify';

/** Of a webhook, in bytes: real ones have a few KiB. */
export const RAW_BODY_LIMIT = 256 * 1024;

/** Has a scope's routes be given bodies as they came: a signature is over the bytes, whatever they claim to be. */
export function takeRawBodies(
  scope: Pick<FastifyInstance, 'removeAllContentTypeParsers' | 'addContentTypeParser'>,
): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: RAW_BODY_LIMIT }, (_request, body, done) =>
    done(null, body),
  );
}
