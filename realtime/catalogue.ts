/**
 * Everything that is said and taken over sockets, gathered from its domains. Validation at both doors, types, AsyncAPI,
 * the tables in README.md and the routes to other services are made from this.
 */
import type { z } from 'zod';
import { battle } from './catalogue/battle.ts';
import { challenge } from './catalogue/challenge.ts';
import { creator } from './catalogue/creator.ts';
import { credits } from './catalogue/credit.ts';
import { deal } from './catalogue/deal.ts';
import type {
  CommandDeclaration,
  Domain,
  EventClass,
  EventDeclaration,
  RoomDeclaration,
  ServiceRoute,
} from './catalogue/declaration.ts';
import { gift } from './catalogue/gift.ts';
import { market } from './catalogue/market.ts';
import { notification } from './catalogue/notification.ts';
import { people } from './catalogue/people.ts';
import { points } from './catalogue/points.ts';
import { poll } from './catalogue/poll.ts';
import { presence } from './catalogue/presence.ts';
import { question } from './catalogue/question.ts';
import { reward } from './catalogue/reward.ts';
import { stream } from './catalogue/stream.ts';
import { subscription } from './catalogue/subscription.ts';
import { talk } from './catalogue/talk.ts';
import { ticket } from './catalogue/ticket.ts';
import { trading } from './catalogue/trading.ts';
import { wallet } from './catalogue/wallet.ts';

export type { EventClass, EventDeclaration } from './catalogue/declaration.ts';

/** A new domain is one file and one word here. */
export const DOMAINS = [
  ...([talk, deal, notification, presence, market] as const),
  ...([wallet, points, reward, creator, people, trading, credits, stream, gift, battle] as const),
  ...([poll, question, subscription, ticket, challenge] as const),
] as const;

type Both<Of> = (Of extends unknown ? (one: Of) => void : never) extends (all: infer All) => void ? All : never;
type Part<Name extends 'events' | 'commands'> = (typeof DOMAINS)[number] extends infer Each
  ? Each extends { readonly [Key in Name]: infer Declared }
    ? Declared
    : never
  : never;

/** Every event, of domains that are not there yet as well. */
export const EVENTS = gathered('events') as {
  readonly [Name in keyof Both<Part<'events'>>]: Both<Part<'events'>>[Name];
};
/** Every command, of domains that are not there yet as well. */
export const COMMANDS = gathered('commands') as {
  readonly [Name in keyof Both<Part<'commands'>>]: Both<Part<'commands'>>[Name];
};
export const ROOMS = gathered('rooms') as { readonly [kind: string]: RoomDeclaration };

export type EventName = keyof typeof EVENTS;
export type EventData<Name extends EventName> = z.infer<(typeof EVENTS)[Name]['schema']>;
type NameOf<Class extends EventClass> = {
  [Name in EventName]: (typeof EVENTS)[Name]['class'] extends Class ? Name : never;
}[EventName];
export type DurableEventName = NameOf<'durable'>;

export type CommandName = keyof typeof COMMANDS;

/** Events that somebody hears today, in their own form. */
export const CATALOGUE: Readonly<Record<string, EventDeclaration>> = Object.fromEntries(
  Object.entries<EventDeclaration>(EVENTS).filter(([, { built, formOf }]) => built && formOf === undefined),
);

/** Which events go to other services, and by which way. */
export const SERVICE_ROUTES: Readonly<Record<string, ServiceRoute>> = Object.fromEntries(
  Object.entries<EventDeclaration>(EVENTS).flatMap(([name, { service }]) => (service ? [[name, service]] : [])),
);

/** What a receiver of webhooks knows a durable event by. */
export function webhookType(name: DurableEventName): string {
  return `tandem.${String(name).replace(':', '.')}`;
}

export function eventOf(name: string): EventDeclaration | undefined {
  return Object.hasOwn(EVENTS, name) ? (EVENTS as Record<string, EventDeclaration>)[name] : undefined;
}

export function commandOf(name: string): CommandDeclaration | undefined {
  return Object.hasOwn(COMMANDS, name) ? (COMMANDS as unknown as Record<string, CommandDeclaration>)[name] : undefined;
}

function gathered(part: 'events' | 'commands' | 'rooms'): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const domain of DOMAINS as readonly Domain[]) {
    for (const [name, declared] of Object.entries(domain[part] ?? {})) {
      if (Object.hasOwn(all, name)) throw new TypeError(`${name} is declared twice, the second time by ${domain.name}`);
      all[name] = declared;
    }
  }
  return all;
}
