import { CREDIT_AND_BOOST_EVENTS, type CreditOrBoostEventName } from '#workflows/boost/contract.ts';
import { type Domain, event, PERSONS } from './declaration.ts';

const EXCHANGE = 'credit_events';
const USERS = 'user_credit_queue';
const GIGS = 'gig_credit_queue';
const CLANS = 'clan_credit_queue';
const QUEUES: Readonly<Record<string, string>> = { profile: USERS, gig: GIGS, clan: CLANS };

const MOVED = { eventId: `credit_${PERSONS.message}` } as const;

/** An event of the contract, as it goes to its people and, by RabbitMQ, to 50BraIns' other services. */
function credit<Name extends CreditOrBoostEventName>(
  name: Name,
  hears: string,
  key: 'boost.event' | 'credit.event',
  queues: readonly string[],
  own: object,
) {
  const schema = CREDIT_AND_BOOST_EVENTS[name];
  return event({
    ...{ class: 'durable', from: ['50BraIns'], rooms: ['user'], hears, built: true, schema },
    example: { type: name, userId: PERSONS.asha, amount: 100, timestamp: PERSONS.at, ...own } as never,
    summary: schema.description ?? '',
    service: { exchange: EXCHANGE, routingKey: key, queues },
  });
}

function boost<Name extends CreditOrBoostEventName>(name: Name) {
  const [target = ''] = name.split('_');
  const began = { targetId: PERSONS.thing, duration: 24, eventId: `boost_${PERSONS.message}` };
  const ended = {
    ...began,
    eventId: `${began.eventId}_end`,
    boostEventId: began.eventId,
    refunded: name.endsWith('cancelled') ? 40 : 0,
  };
  const isEnd = /_(expired|cancelled)$/.test(name);
  return credit(
    ...([name, 'who pays and whose it is', 'boost.event', [QUEUES[target] as string]] as const),
    isEnd ? ended : began,
  );
}

/** Credits and boosts. */
export const credits = {
  name: 'credit',
  events: {
    profile_boost: boost('profile_boost'),
    gig_boost: boost('gig_boost'),
    clan_boost: boost('clan_boost'),
    profile_boost_expired: boost('profile_boost_expired'),
    gig_boost_expired: boost('gig_boost_expired'),
    clan_boost_expired: boost('clan_boost_expired'),
    profile_boost_cancelled: boost('profile_boost_cancelled'),
    gig_boost_cancelled: boost('gig_boost_cancelled'),
    clan_boost_cancelled: boost('clan_boost_cancelled'),
    credit_purchase: credit('credit_purchase', 'who bought them', 'credit.event', [USERS], {
      ...MOVED,
      paymentId: 'pay_29QQoUBi66xm2f',
    }),
    credit_spent: credit('credit_spent', 'whose they were', 'credit.event', [USERS, GIGS, CLANS], {
      ...MOVED,
      targetType: 'gig',
      targetId: PERSONS.thing,
      description: 'Applied',
    }),
    credit_earned: credit('credit_earned', 'who earned them', 'credit.event', [USERS], {
      ...MOVED,
      reason: 'First gig done',
    }),
    gig_payment: credit('gig_payment', 'both sides', 'credit.event', [GIGS], {
      ...MOVED,
      targetId: PERSONS.thing,
      workerId: PERSONS.ben,
    }),
    clan_contribution: credit('clan_contribution', 'who contributed', 'credit.event', [CLANS], {
      ...MOVED,
      targetId: PERSONS.thing,
    }),
  },
} satisfies Domain;
