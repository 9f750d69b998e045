import { expect, test } from 'vitest';
import { ProviderRefused, ProviderUnavailable } from '#payments/provider.ts';
import { toFailure } from './failure.ts';

const broken = (code: string) => Object.assign(new Error('the line broke'), { code });

test.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOENT'])(
  'a provider whose line breaks by %s is said not to answer; the database is away where its own does',
  (code) => {
    const provider = toFailure(new ProviderUnavailable('stripe', 'unknown', 'no answer', broken(code)));
    expect([provider.code, provider.message, provider.retryAfter]).toEqual([
      'UNAVAILABLE',
      'The payment provider does not answer.',
      5,
    ]);
    const refused = toFailure(new ProviderRefused('stripe', 'NOT_FOUND', 'no such thing', broken(code)));
    expect([refused.code, refused.message]).toEqual(['CONFLICT', 'The payment provider refuses this.']);
    const database = toFailure(new Error('a question', { cause: broken(code) }));
    expect([database.code, database.message, database.retryAfter]).toEqual(['UNAVAILABLE', 'The database is away.', 1]);
  },
);
