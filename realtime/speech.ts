import type { EventDeclaration, Listener, Namespace, Said, Source } from './catalogue/declaration.ts';
import { eventOf } from './catalogue.ts';

/** What a frontend at /socket.io/ may say it is, in `auth.app`. */
const APPS: Readonly<Record<string, Source>> = {
  stoory: 'Stoory',
  lykluk: 'LykLuk',
  softchat: 'Softchat',
  '50brains': '50BraIns',
  livestreamx: 'LiveStreamX',
};
export const APP_NAMES = Object.keys(APPS);

/** Whose form those have that do not say whose they are. */
const UNNAMED: Source = 'Stoory';

/** Null for a name that is none. */
export function appNamed(name: string): Source | null {
  const key = name.toLowerCase();
  return Object.hasOwn(APPS, key) ? (APPS[key] as Source) : null;
}

/** In whose words a frontend is spoken to. */
export interface Speech {
  /** Which application it said it is; null where it did not. */
  readonly app: Source | null;
  /** Applications whose own commands it has used, where it did not say which it is. */
  readonly heardFrom: ReadonlySet<Source>;
  readonly namespace: Namespace;
}

/**
 * How an event is said to a frontend: in its own application's form; to one that did not say which that is in Stoory's,
 * and in the others' besides where they have names that Stoory lacks. Nothing where its namespace does not have it.
 */
export function sayings(speech: Speech, name: string, data: unknown, to: Listener): readonly Said[] {
  const declared = eventOf(name);
  if (declared === undefined) return speech.namespace === '/' ? [[name, data]] : [];
  if (!isHeard(declared, speech.namespace)) return [];
  const own = declared.spoken?.[speech.app ?? UNNAMED];
  const first = own ? own(data, to) : plain(declared, name, data);
  const said: Said[] = first === null ? [] : [first];
  if (speech.app !== null) return said;
  for (const source of speech.heardFrom) {
    const also = declared.spoken?.[source]?.(data, to) ?? null;
    if (also !== null && said.every(([known]) => known !== also[0])) said.push(also);
  }
  return said;
}

/** Whether what is said is the same for all listeners of this speech, so that it is made once. */
export function isCommon({ app, heardFrom }: Speech, name: string): boolean {
  const spoken = eventOf(name)?.spoken;
  if (spoken === undefined) return true;
  const sources = app !== null ? [app] : [UNNAMED, ...heardFrom];
  return sources.every((source) => spoken[source] === undefined);
}

export function isHeard({ namespaces }: Pick<EventDeclaration, 'namespaces'>, namespace: Namespace): boolean {
  return namespace === '/' || (namespaces?.includes(namespace) ?? false);
}

function plain(declared: EventDeclaration, name: string, data: unknown): Said {
  if (declared.asNotification) return ['notification', data];
  if (declared.args === undefined) return [name, data];
  return [name, ...declared.args.map((field) => (data as Record<string, unknown>)[field])];
}
