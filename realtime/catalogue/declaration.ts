/** The forms in which a domain declares what it says and takes over sockets. One file a domain lies beside this one. */
import { z } from 'zod';
import type { Pool } from '#db/pool.ts';
import { id } from '#workflows/deal/contract.ts';
import type { CommandDeps } from '../deps.ts';

/** Durable: numbered per user, kept, replayed. Live: for whoever is there now. */
export type EventClass = 'durable' | 'live';

/** The application whose frontend a name and its form come from; Tandem where no seed has it. */
export const SOURCES = ['Stoory', 'LykLuk', 'Softchat', '50BraIns', 'LiveStreamX', 'Tandem'] as const;
export type Source = (typeof SOURCES)[number];

/** Namespaces of /socket.io/. The default one has everything. */
export const NAMESPACES = ['/', '/chat', '/gifts'] as const;
export type Namespace = (typeof NAMESPACES)[number];

/** An event as a frontend hears it over /socket.io/: its name and what its listener is called with. */
export type Said = readonly [name: string, ...values: unknown[]];

/** To whom it is said. */
export interface Listener {
  readonly userId: string;
  isIn(kind: string, id: string): boolean;
}

/** How one application's frontend has an event it knows under another name or in another form; null: not at all. */
export type Spoken<Data> = (data: Data, to: Listener) => Said | null;

/** Where consuming services have an event from: RabbitMQ's exchange (direct) and key, and the queues bound to it. */
export interface ServiceRoute {
  readonly exchange: string;
  readonly routingKey: string;
  readonly queues: readonly string[];
}

export interface EventDeclaration<Class extends EventClass = EventClass, Schema extends z.ZodType = z.ZodType> {
  readonly class: Class;
  readonly from: readonly Source[];
  /** Kinds of room it goes to. Durable events go to people: `user`. */
  readonly rooms: readonly string[];
  /** Who may hear it, as a sentence's end. */
  readonly hears: string;
  readonly summary: string;
  readonly schema: Schema;
  /** False: its domain is not there yet, and nobody hears it. */
  readonly built: boolean;
  readonly example?: z.input<Schema>;
  /** Over /socket.io/ these fields are the listener's arguments, in this order. */
  readonly args?: readonly string[];
  /** Over /socket.io/ it is said as `notification`, as LykLuk's frontend listens for it. */
  readonly asNotification?: boolean;
  /** Which event it is another form of; it is then said over /socket.io/ alone. */
  readonly formOf?: string;
  /** Namespaces of /socket.io/ that have it beside the default one. */
  readonly namespaces?: readonly Namespace[];
  readonly spoken?: { readonly [App in Source]?: Spoken<z.output<Schema>> };
  readonly service?: ServiceRoute;
}

/** What a command may do, beside answering. */
export interface Act {
  readonly userId: string;
  readonly caller: { readonly userId: string; readonly correlationId: string };
  readonly idempotencyKey: string | null;
  readonly pool: Pool;
  readonly deps: CommandDeps;
  /** Lets the connection into a room, when its user may. True in `entered` where it was not in before. */
  join(kind: string, id: string): Promise<{ room: string; entered: boolean }>;
  leave(kind: string, id: string): { room: string };
  /** The id of the room of a kind that the connection is in, or else the one that its user is in; null: in none, or several. */
  within(kind: string): string | null;
  /** Tells the others in a conversation that one types. It ends by itself. */
  startTyping(conversationId: string): void;
  stopTyping(conversationId: string): void;
  /** Tells those one talks with how one is. */
  status(status: string): void;
  /** A live event to everybody in a room but oneself. */
  tell(kind: string, id: string, name: string, data: unknown): void;
}

export interface CommandDeclaration<Data extends z.ZodType = z.ZodType, Answer extends z.ZodType = z.ZodType> {
  readonly from: readonly Source[];
  /** A strict object. */
  readonly data: Data;
  /** Fields by their place, where they are sent as arguments: over /ws the first alone in place of the object. */
  readonly args: readonly string[];
  readonly answer: Answer;
  readonly summary: string;
  /** Who may send it, as a sentence's end. */
  readonly may: string;
  /** Fields that may name nobody but the sender: whose command it is, is the token's to say. */
  readonly own?: readonly string[];
  readonly example?: { readonly data: z.input<Data>; readonly answer: z.input<Answer> };
  readonly namespaces?: readonly Namespace[];
  /** Null: its domain is not there yet, and it is refused. Throws a Failure for a refusal. */
  readonly handle: ((act: Act, data: z.output<Data>) => Promise<z.input<Answer>>) | null;
}

export interface RoomDeclaration {
  readonly summary: string;
  /** What stands behind `kind_`: an id, where it is not said otherwise. */
  readonly id?: z.ZodType<string>;
  /** Who may be in it; null: its domain is not there yet. Asked at the door, and again while somebody is in. */
  readonly mayJoin: ((pool: Pool, id: string, userId: string) => Promise<boolean>) | null;
  /** What is said to whom may not. */
  readonly missing: string;
  /** Its members are strangers, who hear nothing of each other. */
  readonly strangers?: boolean;
}

export interface Domain {
  readonly name: string;
  readonly events?: { readonly [name: string]: EventDeclaration };
  readonly commands?: { readonly [name: string]: CommandDeclaration };
  readonly rooms?: { readonly [kind: string]: RoomDeclaration };
}

export function event<const Class extends EventClass, Schema extends z.ZodType>(
  declared: EventDeclaration<Class, Schema>,
): EventDeclaration<Class, Schema> {
  return declared;
}

export function command<Data extends z.ZodObject, Answer extends z.ZodType>(
  declared: CommandDeclaration<Data, Answer>,
): CommandDeclaration<Data, Answer> {
  return declared;
}

export const NOTHING = z.object({});
export const inRoom = z.object({ room: z.string() });

/** A page may name its user, and is refused when it names another (`own`). */
export const ownId = id.optional().describe('Your own id, or left out');

// Postgres keeps any character but NUL, and no half of one.
export const text = (length: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(length)
    .regex(/^[^\0]*$/, 'has a NUL character')
    .refine((words) => words.isWellFormed(), 'has half a character');

/** The command that lets a connection into a room of one kind, by its id. */
export function joins<Key extends string>(declared: {
  kind: string;
  key: Key;
  from: readonly Source[];
  summary: string;
  may: string;
  built?: boolean;
  namespaces?: readonly Namespace[];
}) {
  const { kind, key, from, summary, may, built = true, namespaces } = declared;
  const data = z.strictObject({ [key]: id } as Record<Key, typeof id>);
  const handle = async (act: Act, sent: Record<string, string>) => {
    const { room } = await act.join(kind, sent[key] as string);
    return { room };
  };
  return command({
    ...{ from, data, summary, may, args: [key], answer: inRoom },
    ...(namespaces && { namespaces }),
    example: { data: { [key]: PERSONS.thing } as never, answer: { room: `${kind}_${PERSONS.thing}` } },
    handle: built ? (handle as never) : null,
  });
}

/** For examples. */
export const PERSONS = {
  asha: '0190a000-0000-7000-8000-00000000000a',
  ben: '0190a000-0000-7000-8000-00000000000b',
  thing: '0190a000-0000-7000-8000-000000000001',
  message: '0190a000-0000-7000-8000-000000000002',
  at: '2026-11-28T12:00:00.000Z',
} as const;

/** LykLuk's form of whatever it says. */
export function envelope<Type extends string, EventType extends string, Data extends z.ZodType>(
  type: Type,
  eventType: EventType,
  data: Data,
) {
  return z.object({
    type: z.literal(type),
    eventType: z.literal(eventType),
    recipientIds: z.array(id),
    data,
  });
}
