import { isStorable } from '#db/storable.ts';
import { Failure } from '#workflows/failures.ts';
import type { Act, CommandDeclaration } from './catalogue/declaration.ts';
import { commandOf } from './catalogue.ts';
import { readOrRefuse } from './protocol.ts';

/** What came with a command: one value at GET /ws, arguments at /socket.io/. */
export type Sent = { readonly data: unknown } | { readonly args: readonly unknown[] };

/** Whether a command is done here today; what is counted by its name is one of these. */
export function isCommand(name: string): boolean {
  return (commandOf(name)?.handle ?? null) !== null;
}

/** A command that is done here. VALIDATION_FAILED for what is none, NOT_FOUND for one whose domain is not there yet. */
export function findCommand(name: string): CommandDeclaration & { handle: NonNullable<CommandDeclaration['handle']> } {
  const declared = commandOf(name);
  if (declared === undefined) {
    throw new Failure('VALIDATION_FAILED', 'There is no such command.', {
      details: { fields: [{ field: 'name', problem: 'is not a command' }] },
    });
  }
  const { handle } = declared;
  if (handle === null) throw notBuilt('command', name);
  return { ...declared, handle };
}

export function notBuilt(what: string, name: string): Failure {
  return new Failure('NOT_FOUND', `The ${what} ${name} is not served here yet.`, {
    details: { [what]: name, built: false },
  });
}

/** Does a command as its sender, in order: its form, whose it is, and the deed. */
export async function perform(act: Act, name: string, sent: Sent): Promise<object> {
  const command = findCommand(name);
  const data = readCommand(command, sent) as Record<string, unknown>;
  for (const field of command.own ?? []) {
    if (data[field] === undefined || data[field] === act.userId) continue;
    throw new Failure('FORBIDDEN', 'That is another user’s id; commands are done as who you signed in as.', {
      details: { field },
    });
  }
  return (await command.handle(act, data)) as object;
}

/** What a command was sent, as its declaration says. Throws VALIDATION_FAILED with the fields at fault. */
export function readCommand(command: CommandDeclaration, sent: Sent): unknown {
  const data: unknown = readOrRefuse(command.data, objectOf(command, sent), 'data');
  refuseUnstorable(data);
  return data;
}

/** VALIDATION_FAILED naming the field that has a text which nobody can store. As bodies are judged over REST. */
function refuseUnstorable(data: unknown): void {
  const left: { path: string; value: unknown }[] = [{ path: '', value: data }];
  for (let next = left.pop(); next; next = left.pop()) {
    const { path, value } = next;
    if (typeof value === 'string' && !isStorable(value)) {
      throw new Failure('VALIDATION_FAILED', `${path || 'data'} has a NUL or half a character.`, {
        details: { fields: [{ field: path || 'data', problem: 'has a NUL or half a character' }] },
      });
    }
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, part] of Object.entries(value)) {
      left.push({ path: path === '' ? name : `${path}.${name}`, value: part });
    }
  }
}

/** Pages send an object, or its fields by their place. */
function objectOf({ args: names }: CommandDeclaration, sent: Sent): unknown {
  const args = 'args' in sent ? sent.args : [sent.data];
  const [first] = args;
  if (args.length <= 1 && (first === undefined || first === null || isObject(first))) {
    // Over /socket.io/ a command without data comes without an argument.
    return first ?? ('args' in sent && first === undefined ? {} : first);
  }
  if (args.length > names.length || ('data' in sent && names.length === 0)) {
    if (args.length <= 1) return first;
    throw new Failure('VALIDATION_FAILED', `It takes ${names.length} arguments, or one object.`, {
      details: { fields: [{ field: 'data', problem: `has ${args.length} arguments` }] },
    });
  }
  return Object.fromEntries(args.map((value, place) => [names[place], value]));
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
