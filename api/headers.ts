import type { FastifyHelmetOptions } from '@fastify/helmet';

/** What every answer tells a browser it may do with it. */

type Directives = Record<string, string[]>;

/** A policy of these and nothing else: whatever is not named may not be loaded. */
export function onlyThese(directives: Directives): {
  contentSecurityPolicy: { useDefaults: false; directives: Directives };
} {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'none'"],
        'frame-ancestors': ["'none'"],
        ...directives,
      },
    },
  };
}

/** A page of ours: everything from here and nothing from elsewhere. Styles may be inline, as libraries make some. */
export const OUR_PAGE = onlyThese({
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
});

const YEAR_S = 365 * 24 * 60 * 60;

/** For answers that are no pages. Those that are say what they need: `helmet: onlyThese({ … })` at their route. */
export function helmetOf({ https }: { https: boolean }): FastifyHelmetOptions {
  return {
    ...onlyThese({}),
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    // A browser that is told this once asks by http no more, for a year.
    hsts: https ? { maxAge: YEAR_S, includeSubDomains: false } : false,
  };
}
