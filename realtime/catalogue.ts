/**
 * Every event that leaves Tandem, declared once. Types, AsyncAPI and the table in README.md are made from this.
 * Durable events are numbered per user, kept, and replayed; live ones are for whoever is there now.
 */
import { z } from 'zod';
import { COLLABORATION_EVENTS, id } from '#workflows/collaboration/contract.ts';

export type EventClass = 'durable' | 'live';

/** The application whose frontend the event's name and data come from. */
export type EventSource = 'Stoory';

export interface EventDeclaration<Class extends EventClass = EventClass, Schema extends z.ZodObject = z.ZodObject> {
  readonly class: Class;
  readonly source: EventSource;
  readonly schema: Schema;
  readonly summary: string;
}

type Declared<Class extends EventClass, Schemas extends Record<string, z.ZodObject>> = {
  readonly [Name in keyof Schemas]: EventDeclaration<Class, Schemas[Name]>;
};

/** A schema's description is the event's summary; an event without one is not declared. */
function declare<Class extends EventClass, Schemas extends Record<string, z.ZodObject>>(
  kind: Class,
  source: EventSource,
  schemas: Schemas,
): Declared<Class, Schemas> {
  const entries = Object.entries(schemas).map(([name, schema]) => {
    if (!schema.description) throw new TypeError(`event ${name} has no description`);
    return [name, { class: kind, source, schema, summary: schema.description }];
  });
  return Object.fromEntries(entries);
}

export const CATALOGUE = {
  ...declare('durable', 'Stoory', COLLABORATION_EVENTS),
  ...declare('live', 'Stoory', {
    user_typing: z
      .object({ conversationId: id, userId: id, isTyping: z.boolean() })
      .describe('The other side began or ended typing in a conversation you have joined'),
    user_status_change: z
      .object({ userId: id, status: z.string() })
      .describe('Somebody you talk with came online, or says how they are'),
    user_offline: z.object({ userId: id }).describe('Somebody you talk with has closed their last connection'),
  }),
} as const;

export type EventName = keyof typeof CATALOGUE;
export type EventData<Name extends EventName> = z.infer<(typeof CATALOGUE)[Name]['schema']>;
type NameOf<Class extends EventClass> = {
  [Name in EventName]: (typeof CATALOGUE)[Name]['class'] extends Class ? Name : never;
}[EventName];
export type DurableEventName = NameOf<'durable'>;
export type LiveEventName = NameOf<'live'>;
