import { findPreferences, setPreferences } from '#db/notification/preferences.ts';
import { type PreferencesView, preferencesRequest, preferencesView } from '#workflows/notification/contract.ts';
import { CHANNELS, type Kind, kindFacts, OFFERED_KINDS } from '#workflows/notification/kinds.ts';
import type { Preferences } from '#workflows/notification/preferences.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { ofUser, requireOwn, tags } from './own.ts';

/** What somebody wants to be told of, where and when. */
export function preferenceRoutes(app: App, { pool, now }: Pick<Deps, 'pool' | 'now'>): void {
  app.get(
    '/api/notifications/:userId/preferences',
    {
      schema: {
        operationId: 'notifications.preferences',
        tags,
        summary: 'What you are told of, and where',
        params: ofUser,
        response: answers({ 200: success(preferencesView) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params }) => {
      requireOwn(account, params.userId);
      return { success: true as const, data: view(await findPreferences(pool, params.userId)) };
    },
  );

  app.put(
    '/api/notifications/:userId/preferences',
    {
      schema: {
        operationId: 'notifications.setPreferences',
        tags,
        summary: 'Choose what you are told of, and where',
        description:
          'What is left out stays as it was. A channel that is off in `global` is off for every kind; what a kind does ' +
          'not offer cannot be chosen.',
        params: ofUser,
        body: preferencesRequest,
        response: answers({ 200: success(preferencesView) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ account, params, body }) => {
      requireOwn(account, params.userId, 'change');
      for (const [kind, switches] of Object.entries(body.kinds ?? {}) as [Kind, object][]) {
        for (const channel of Object.keys(switches) as (typeof CHANNELS)[number][]) {
          if (!offeredOf(kind).includes(channel)) throw invalidField(`kinds.${kind}.${channel}`, 'cannot be chosen');
        }
      }
      const merged = await pool.transaction(async (transaction) => {
        const before = await findPreferences(transaction, account.id);
        const kinds = { ...before.kinds };
        for (const [kind, switches] of Object.entries(body.kinds ?? {}) as [Kind, object][]) {
          kinds[kind] = { ...kinds[kind], ...switches };
        }
        const after: Preferences = {
          global: { ...before.global, ...body.global },
          kinds,
          quiet_hours: body.quiet_hours === undefined ? before.quiet_hours : body.quiet_hours,
        };
        await setPreferences(transaction, account.id, after, now().toISOString());
        return after;
      });
      return { success: true as const, data: view(merged) };
    },
  );
}

/** E-mail is reserved: it may be chosen for the day it is sent. */
function offeredOf(kind: Kind): (typeof CHANNELS)[number][] {
  const facts = kindFacts(kind);
  if (facts.critical) return [];
  return CHANNELS.filter(
    (channel) => channel === 'email' || (facts.channels[channel] && !(channel === 'in_app' && facts.keepsInApp)),
  );
}

function view({ global, kinds, quiet_hours }: Preferences): PreferencesView {
  return {
    global: { in_app: global.in_app ?? true, push: global.push ?? true, email: global.email ?? false },
    kinds: OFFERED_KINDS.map((kind) => {
      const { label, channels } = kindFacts(kind);
      const chosen = kinds[kind] ?? {};
      return {
        kind,
        label,
        in_app: channels.in_app && (chosen.in_app ?? true),
        push: channels.push && (chosen.push ?? true),
        email: chosen.email ?? false,
        offered: offeredOf(kind),
      };
    }),
    quiet_hours,
  };
}
