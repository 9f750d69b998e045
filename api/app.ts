import type { FastifyInstance, RouteOptions } from 'fastify';
import { findTrace, storeWebhook } from '#db/payment/inbox.ts';
import { getUser } from '#db/people/accounts.ts';
import { secretList } from '#payments/providers.ts';
import { battleRoutes } from './battle/routes.ts';
import { boostRoutes } from './boost/boostRoutes.ts';
import { creditRoutes } from './boost/creditRoutes.ts';
import { targetRoutes } from './boost/targetRoutes.ts';
import { challengeRoutes } from './challenge/routes.ts';
import { chargeBackRoutes } from './chargeBack/routes.ts';
import { isOpen } from './config.ts';
import { demoRoutes } from './console/demoRoutes.ts';
import { serveConsole } from './console/serve.ts';
import { creatorRoutes } from './creator/routes.ts';
import { tipRoutes } from './creator/tipRoutes.ts';
import { clickRoutes } from './deal/clickRoutes.ts';
import { createClicks } from './deal/clicks.ts';
import { flowRoutes, stepRoutes } from './deal/flowRoutes.ts';
import type { Deps } from './deps.ts';
import { describeRoutes } from './docs/openapi.ts';
import { serveDocs } from './docs/serve.ts';
import { eventRoutes } from './event/routes.ts';
import { type App, buildFrame } from './frame.ts';
import { giftAdminRoutes } from './gift/adminRoutes.ts';
import { giftRoutes } from './gift/routes.ts';
import { invoiceRoutes } from './invoice/routes.ts';
import { leaderboardRoutes } from './leaderboard/routes.ts';
import { bidRoutes } from './market/bidRoutes.ts';
import { campaignRoutes } from './market/campaignRoutes.ts';
import { addressRoutes } from './money/addresses.ts';
import { bookRoutes } from './money/bookRoutes.ts';
import { faucetRoutes, moneyRoutes } from './money/moves.ts';
import { walletRoutes } from './money/routes.ts';
import { deviceRoutes } from './notification/deviceRoutes.ts';
import { inboxRoutes } from './notification/inboxRoutes.ts';
import { preferenceRoutes } from './notification/preferenceRoutes.ts';
import { sendRoutes } from './notification/sendRoutes.ts';
import { operationsRoutes } from './operation/routes.ts';
import { paymentRoutes } from './payment/routes.ts';
import { webhookRoutes } from './payment/webhookRoutes.ts';
import { payoutAdminRoutes } from './payout/adminRoutes.ts';
import { payeeRoutes } from './payout/payeeRoutes.ts';
import { payoutRoutes } from './payout/routes.ts';
import { requireAccount } from './people/account.ts';
import { type Auth, createAuth } from './people/auth.ts';
import { ownDataRoutes } from './people/ownDataRoutes.ts';
import { createPace, type Pace } from './people/pace.ts';
import { profileRoutes } from './people/profileRoutes.ts';
import { reviewRoutes } from './people/reviewRoutes.ts';
import { accountRoutes, signInRoutes } from './people/routes.ts';
import { staffRoutes } from './people/staffRoutes.ts';
import { pollRoutes } from './poll/routes.ts';
import { priceRoutes } from './price/routes.ts';
import { actionRoutes } from './process/actionRoutes.ts';
import { createGive, type Give } from './process/giving.ts';
import { machineRoutes } from './process/machineRoutes.ts';
import { processRoutes } from './process/routes.ts';
import { questionRoutes } from './question/routes.ts';
import { recommendationRoutes } from './recommendation/routes.ts';
import { boundByAccount, boundByAddress } from './requestLimit.ts';
import { rewardAdminRoutes } from './reward/adminRoutes.ts';
import { earnRoutes } from './reward/earnRoutes.ts';
import { rewardRoutes } from './reward/routes.ts';
import { clockRoutes } from './sandbox/clockRoutes.ts';
import { breakRoutes, partRoutes } from './sandbox/partRoutes.ts';
import { scenarioRoutes } from './sandbox/scenarioRoutes.ts';
import { sandboxService } from './sandbox/service.ts';
import { admitNewcomers } from './shedding.ts';
import { streamChatRoutes } from './stream/chatRoutes.ts';
import { startLooking } from './stream/looking.ts';
import { createMedia, type Media } from './stream/media.ts';
import { mediaRoutes, mediaWebhook } from './stream/mediaRoutes.ts';
import { streamRoutes } from './stream/routes.ts';
import { segmentRoutes } from './stream/segmentRoutes.ts';
import { subscriptionRoutes } from './subscription/routes.ts';
import { chatRoutes } from './talk/chatRoutes.ts';
import { conversationRoutes } from './talk/conversationRoutes.ts';
import { roomMessageRoutes } from './talk/roomMessageRoutes.ts';
import { roomRoutes } from './talk/roomRoutes.ts';
import { createSpeech, type Speech } from './talk/speech.ts';
import { speechRoutes } from './talk/speechRoutes.ts';
import { reconciliationRoutes } from './task/reconciliation.ts';
import { adminRoutes } from './task/routes.ts';
import { ticketEventRoutes } from './ticketEvent/routes.ts';
import { topUpRoutes } from './topUp/routes.ts';
import { tradeRoutes } from './trade/routes.ts';
import { adminTradingRoutes } from './trading/adminRoutes.ts';
import { createDesk } from './trading/desk.ts';
import { marketDataRoutes } from './trading/marketRoutes.ts';
import { offerRoutes } from './trading/offerRoutes.ts';
import { orderRoutes } from './trading/orderRoutes.ts';
import { videoActRoutes } from './video/actRoutes.ts';
import { analyticsRoutes } from './video/analyticsRoutes.ts';
import { commentRoutes } from './video/commentRoutes.ts';
import { videoRoutes } from './video/routes.ts';
import { endpointRoutes } from './webhook/endpointRoutes.ts';
import { boundRefusedWebhooks } from './webhookLimit.ts';
import { xpRoutes } from './xp/routes.ts';

export type { App } from './frame.ts';

declare module 'fastify' {
  interface FastifyInstance {
    auth: Auth;
    pace: Pace;
    speech: Speech;
  }
}

export interface Building {
  /** Hears of every route. */
  readonly onRoute?: ((route: RouteOptions) => void) | undefined;
  /** Its documents are made from its routes and not served. */
  readonly described?: boolean;
}

/** The API as a whole, not listening yet. `app.auth`, `app.pace` and `app.speech` are there for the sockets' doors. */
export async function buildApp(deps: Deps, { onRoute, described = false }: Building = {}): Promise<App> {
  const app = await buildFrame(deps);
  if (onRoute) app.addHook('onRoute', onRoute);
  const auth = createAuth(deps);
  app.decorate('auth', auth);
  boundByAddress(app as FastifyInstance, deps.redis, deps.config);
  admitNewcomers(app as FastifyInstance);
  const pace = createPace(deps.redis, deps.config.PACE_PERCENT);
  app.decorate('pace', pace);
  const speech = createSpeech(deps);
  app.decorate('speech', speech);
  app.addHook('onClose', () => speech.close());
  const media = createMedia(deps.config);
  const desk = createDesk(deps);
  app.addHook('onClose', () => desk.close());
  if (described) await describeRoutes(app);
  else if (isOpen(deps.config, 'docs')) await serveDocs(app);
  const give = createGive(deps);
  const clicks = createClicks(deps, give);
  // Nobody who writes events has to ring for them.
  deps.pool.onHeard(deps.ringUsers);

  // For everybody.
  await app.register(async (open: App) => {
    signInRoutes(open, auth);
    operationsRoutes(open, deps);
    flowRoutes(open);
    machineRoutes(open);
    leaderboardRoutes(open, deps);
    demoRoutes(open, deps.config);
    if (deps.config.NODE_ENV !== 'production') {
      scenarioRoutes(open, deps);
      partRoutes(open, deps);
    }
  });

  // For those with an access token.
  await app.register(async (members: App) => {
    requireAccount(members as FastifyInstance, auth.verify);
    boundByAccount(members as FastifyInstance, deps.redis, deps.config);
    accountRoutes(members, (id) => getUser(deps.pool, id));
    profileRoutes(members, deps, pace);
    reviewRoutes(members, deps);
    ownDataRoutes(members, deps, auth);
    staffRoutes(members, deps, auth);
    bookRoutes(members, deps);
    campaignRoutes(members, deps, pace);
    bidRoutes(members, deps, pace);
    conversationRoutes(members, deps);
    talkRoutes(members, deps, { speech, pace });
    clickRoutes(members, clicks);
    stepRoutes(members, deps);
    eventRoutes(members, deps);
    walletRoutes(members, deps);
    tradeRoutes(members, deps, give);
    recommendationRoutes(members, deps);
    priceRoutes(members, deps);
    marketDataRoutes(members, deps);
    orderRoutes(members, deps, desk);
    offerRoutes(members, deps);
    adminTradingRoutes(members, deps, desk);
    moneyRoutes(members, deps);
    addressRoutes(members, deps);
    processRoutes(members, deps);
    actionRoutes(members, deps, give);
    if (deps.config.NODE_ENV !== 'production') {
      for (const routes of [faucetRoutes, clockRoutes, breakRoutes]) routes(members, deps);
    }
    boostRoutes(members, deps, give);
    creditRoutes(members, deps);
    targetRoutes(members, deps);
    topUpRoutes(members, deps, give);
    chargeBackRoutes(members, deps, give);
    invoiceRoutes(members, deps);
    payeeRoutes(members, deps);
    payoutRoutes(members, deps, give);
    payoutAdminRoutes(members, deps, give);
    paymentRoutes(members, deps);
    inboxRoutes(members, deps);
    preferenceRoutes(members, deps);
    deviceRoutes(members, deps);
    sendRoutes(members, deps);
    adminRoutes(members, deps, give);
    reconciliationRoutes(members, deps);
    videoRoutes(members, deps, pace);
    videoActRoutes(members, deps, pace);
    commentRoutes(members, deps, pace);
    analyticsRoutes(members, deps);
    rewardRoutes(members, deps);
    earnRoutes(members, deps, pace);
    rewardAdminRoutes(members, deps);
    creatorRoutes(members, deps);
    tipRoutes(members, deps);
    endpointRoutes(members, deps);
    liveRoutes(members, deps, { give, pace, media });
  });

  await serveWebhooks(app, deps, media);
  // The payment provider that we play ourselves.
  if (deps.providers.byName.sandbox) {
    await app.register(
      sandboxService({
        pool: deps.pool,
        publicUrl: () => deps.config.PUBLIC_URL ?? app.listeningOrigin,
        secrets: secretList(deps.config.SANDBOX_WEBHOOK_SECRET),
        now: deps.now,
      }),
      { prefix: '/sandbox' },
    );
  }

  await serveConsole(app);

  return app;
}

/** For payment providers and the media server, and what is seen by looking at that. */
async function serveWebhooks(app: App, deps: Deps, media: Media | null): Promise<void> {
  await app.register(async (others: App) => {
    boundRefusedWebhooks(others as FastifyInstance, deps.redis, deps.config);
    await others.register(mediaWebhook(deps, media));
    await others.register(
      webhookRoutes({
        providers: deps.providers.byName,
        now: deps.now,
        store: async (webhook) => {
          const { processIds } = await storeWebhook(deps.inbox, { ...webhook, now: deps.now });
          for (const id of processIds) deps.ringFact(id);
        },
        traceOf: ({ facts }) => findTrace(deps.inbox, facts),
      }),
    );
  });
  if (media === null) return;
  const looking = startLooking(deps, media);
  app.addHook('onClose', () => looking.stop());
}

type Live = { give: Give; pace: Pace; media: Media | null };

/** Streams and what is done in them. */
function liveRoutes(members: App, deps: Deps, { give, pace, media }: Live): void {
  streamRoutes(members, deps, { give, pace });
  streamChatRoutes(members, deps, { pace, media });
  mediaRoutes(members, deps, media);
  segmentRoutes(members, deps);
  challengeRoutes(members, deps, give);
  battleRoutes(members, deps, { give, pace });
  pollRoutes(members, deps, { give, pace });
  questionRoutes(members, deps, pace);
  giftRoutes(members, deps);
  giftAdminRoutes(members, deps);
  xpRoutes(members, deps);
  subscriptionRoutes(members, deps, give);
  ticketEventRoutes(members, deps, { give, pace });
}

/** What people say to each other, whatever they say it in. */
function talkRoutes(members: App, deps: Deps, { speech, pace }: { speech: Speech; pace: Pace }): void {
  speechRoutes(members, deps, { speech, pace });
  roomRoutes(members, deps, pace);
  roomMessageRoutes(members, deps, { speech, pace });
  chatRoutes(members, deps, { speech, pace });
}
