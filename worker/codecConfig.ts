import { z } from 'zod';
import { type Environment, port, readSettings, text } from '#program/settings.ts';
import { readKeys } from './codec.ts';

/** A token that many may not guess. */
const TOKEN_CHARACTERS = 24;

/** What the server for Temporal's own tools reads (`node worker/codecMain.ts`). */
export const codecSchema = z.object({
  TEMPORAL_CODEC_KEY: text.describe('The same as the worker’s'),
  CODEC_HOST: text.default('127.0.0.1').describe('The address that the codec server listens on'),
  CODEC_PORT: port.default(8081).describe('Its port; 0 takes a free one'),
  CODEC_ORIGINS: text
    .default('')
    .transform((list) =>
      list
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== ''),
    )
    .describe('Origins of the Web UI whose pages may ask the codec server, with commas between'),
  CODEC_TOKEN: text
    .min(TOKEN_CHARACTERS, `has fewer than ${TOKEN_CHARACTERS} characters`)
    .optional()
    .describe('A bearer token that the codec server takes, for the command line: `temporal --codec-auth "Bearer …"`'),
  AUTH_ISSUER_JWKS_URL: z.url({ protocol: /^https?$/, error: 'is not an http(s) URL' }).optional(),
  AUTH_ISSUER: text.optional(),
  AUTH_AUDIENCE: text.optional(),
  AUTH_ROLES_CLAIM: text.default('roles'),
  AUTH_ADMIN_ROLE: text.optional(),
});

export type CodecConfig = z.output<typeof codecSchema>;

/** Throws ConfigInvalid, also where nobody could ever be let in. */
export function readCodecConfig(environment: Environment): CodecConfig {
  return readSettings(codecSchema, environment, (config) => {
    const sentences = [];
    try {
      readKeys(config.TEMPORAL_CODEC_KEY);
    } catch {
      sentences.push('TEMPORAL_CODEC_KEY is not 32 bytes in base64, or several such with commas between.');
    }
    const byIssuer =
      config.AUTH_ISSUER_JWKS_URL && config.AUTH_ISSUER && config.AUTH_AUDIENCE && config.AUTH_ADMIN_ROLE;
    if (!config.CODEC_TOKEN && !byIssuer) {
      sentences.push(
        'Nobody could ask: set CODEC_TOKEN, or AUTH_ISSUER_JWKS_URL, AUTH_ISSUER, AUTH_AUDIENCE and AUTH_ADMIN_ROLE as for the API.',
      );
    }
    return sentences;
  });
}
