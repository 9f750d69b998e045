import type { OpenAPIV3_1 } from 'openapi-types';
import { operationsOf } from './operations.ts';
import { isObject, type Json } from './schemas.ts';

/**
 * What a client of an earlier document would trip over with a later one, each by its name. What is added for whoever
 * wants it breaks nobody: operations, fields that may be left out, fields, events and values of answers.
 */

/** What a client sends may be taken more widely, what it receives may be said more narrowly; never the other way. */
type Way = 'sent' | 'received';

export function breaksOf(before: OpenAPIV3_1.Document, after: OpenAPIV3_1.Document): string[] {
  const now = new Map(operationsOf(after).map((one) => [one.route, one.operation]));
  return operationsOf(before).flatMap(({ route, operation: old }) => {
    const operation = now.get(route);
    if (!operation) return [`${route} was removed`];
    const comparison = new Comparison(before as unknown as Json, after as unknown as Json);
    if (old.operationId !== operation.operationId) {
      comparison.say(route, `is called ${operation.operationId} and was called ${old.operationId}`);
    }
    if (mayBeAnybody(old) && !mayBeAnybody(operation)) comparison.say(route, 'now needs a token');
    comparison.parameters(old, operation, route);
    comparison.body(old, operation, route);
    comparison.answers(old, operation, route);
    return comparison.breaks;
  });
}

/** The same of AsyncAPI 3 documents: of all messages that their operations name. */
export function messageBreaksOf(before: Json, after: Json): string[] {
  const now = messagesOf(after);
  return [...messagesOf(before)].flatMap(([name, old]) => {
    const message = now.get(name);
    if (!message) return [`${name} was removed`];
    if (message.way !== old.way) return [`${name} is ${message.way} by clients and was ${old.way}`];
    const comparison = new Comparison(before, after);
    comparison.schemas(old.payload, message.payload, old.way, name);
    return comparison.breaks;
  });
}

function mayBeAnybody({ security = [] }: OpenAPIV3_1.OperationObject): boolean {
  return security.length === 0 || security.some((one) => Object.keys(one).length === 0);
}

type Message = { way: Way; payload: Json };

function messagesOf(document: Json): Map<string, Message> {
  const messages = new Map<string, Message>();
  for (const operation of Object.values((document.operations ?? {}) as Record<string, Json>)) {
    // What Tandem sends, a client receives.
    const way = operation.action === 'send' ? 'received' : 'sent';
    const reply = (operation.reply as Json | undefined)?.messages as Json[] | undefined;
    gather(operation.messages as Json[] | undefined, way);
    gather(reply, way === 'sent' ? 'received' : 'sent');
  }
  return messages;

  function gather(refs: Json[] = [], way: Way): void {
    for (const ref of refs) {
      const name = unescaped(String(ref.$ref).split('/').at(-1) ?? '');
      const { payload } = resolved(document, ref);
      const schema = isObject(payload) && isObject(payload.schema) ? payload.schema : payload;
      messages.set(name, { way, payload: (schema ?? {}) as Json });
    }
  }
}

/** What a reference leads to in the end. */
function resolved(document: Json, node: unknown): Json {
  let at = node;
  while (isObject(at) && typeof at.$ref === 'string') {
    const { $ref, ...beside } = at;
    const target = ($ref as string)
      .slice(2)
      .split('/')
      .reduce<unknown>((inside, key) => (isObject(inside) ? inside[unescaped(key)] : undefined), document);
    at = isObject(target) ? { ...target, ...beside } : {};
  }
  return isObject(at) ? at : {};
}

const unescaped = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~');

/** Bounds of what is sent, and whether a larger or a smaller one takes less. */
const BOUNDS: Record<string, 1 | -1> = {
  ...{ minimum: 1, exclusiveMinimum: 1, minLength: 1, minItems: 1 },
  ...{ maximum: -1, exclusiveMaximum: -1, maxLength: -1, maxItems: -1, 'x-max-characters': -1 },
};

class Comparison {
  readonly breaks: string[] = [];
  readonly #before: Json;
  readonly #after: Json;
  /** Pairs that are compared already, or are being so: schemas may hold themselves. */
  readonly #seen: Set<string>;

  constructor(before: Json, after: Json, seen = new Set<string>()) {
    this.#before = before;
    this.#after = after;
    this.#seen = seen;
  }

  say(at: string, what: string): void {
    this.breaks.push(`${at} ${what}`);
  }

  parameters(old: OpenAPIV3_1.OperationObject, now: OpenAPIV3_1.OperationObject, route: string): void {
    const [were, are] = [this.#parametersOf(this.#before, old), this.#parametersOf(this.#after, now)];
    for (const [name, was] of were) {
      const is = are.get(name);
      if (!is) {
        this.say(route, `no longer takes ${name}`);
        continue;
      }
      if (is.required === true && was.required !== true) this.say(route, `now needs ${name}`);
      this.schemas(was.schema, is.schema, 'sent', `${route} ${name}`);
    }
    for (const [name, is] of are) {
      if (is.required === true && !were.has(name)) this.say(route, `now needs ${name}`);
    }
  }

  body(old: OpenAPIV3_1.OperationObject, now: OpenAPIV3_1.OperationObject, route: string): void {
    const [was, is] = [resolved(this.#before, old.requestBody), resolved(this.#after, now.requestBody)];
    if (is.required === true && was.required !== true) this.say(route, 'now needs a body');
    this.#contents(was.content, is.content, 'sent', `${route} body`);
  }

  answers(old: OpenAPIV3_1.OperationObject, now: OpenAPIV3_1.OperationObject, route: string): void {
    for (const [status, response] of Object.entries(old.responses ?? {})) {
      const succeeds = status.startsWith('2');
      const later = now.responses?.[status];
      if (later === undefined) {
        if (succeeds) this.say(route, `no longer answers ${status}`);
        continue;
      }
      const [was, is] = [resolved(this.#before, response), resolved(this.#after, later)];
      for (const name of Object.keys((was.headers ?? {}) as Json)) {
        if (!Object.hasOwn((is.headers ?? {}) as Json, name))
          this.say(`${route} ${status}`, `no longer has the header ${name}`);
      }
      this.#contents(was.content, is.content, 'received', `${route} ${status}`, succeeds);
    }
  }

  /** `whole`: whether each variant that could be received before has to be there still. */
  schemas(old: unknown, now: unknown, way: Way, at: string, whole = true): void {
    const pair = `${way} ${this.#keyOf(old)} ${this.#keyOf(now)}`;
    if (this.#seen.has(pair)) return;
    this.#seen.add(pair);
    const [was, is] = [resolved(this.#before, old), resolved(this.#after, now)];
    const [choicesBefore, choicesNow] = [choicesOf(was), choicesOf(is)];
    if (choicesBefore || choicesNow) {
      this.#choices(choicesBefore ?? [was], choicesNow ?? [is], way, at, whole);
      return;
    }
    if (!this.#types(was, is, way, at)) return;
    this.#values(was, is, way, at);
    if (way === 'sent') this.#bounds(was, is, at);
    else if (was.format !== undefined && was.format !== is.format) {
      this.say(at, `is ${is.format ?? 'any text'} and was ${was.format}`);
    }
    if (was.type === 'object') this.#fields(was, is, way, at);
    if (was.type === 'array') this.schemas(was.items ?? {}, is.items ?? {}, way, `${at}[]`);
  }

  #contents(old: unknown, now: unknown, way: Way, at: string, whole = true): void {
    for (const [type, was] of Object.entries((old ?? {}) as Record<string, Json>)) {
      const is = ((now ?? {}) as Record<string, Json>)[type];
      if (!is) this.say(at, `is ${type} no longer`);
      else this.schemas(was.schema ?? {}, is.schema ?? {}, way, at, whole);
    }
  }

  #parametersOf(document: Json, operation: OpenAPIV3_1.OperationObject): Map<string, Json> {
    const all = (operation.parameters ?? []).map((one) => resolved(document, one));
    return new Map(all.map((one) => [`${one.in} ${one.name}`, one]));
  }

  #keyOf(schema: unknown): string {
    return isObject(schema) && typeof schema.$ref === 'string' ? schema.$ref : JSON.stringify(schema);
  }

  /** Whether what was said as `old` is all right as `now`, without saying why not. */
  #fits(old: Json, now: Json, way: Way): boolean {
    const trial = new Comparison(this.#before, this.#after, new Set());
    trial.schemas(old, now, way, '');
    return trial.breaks.length === 0;
  }

  #choices(old: Json[], now: Json[], way: Way, at: string, whole: boolean): void {
    const told = apart([this.#before, old], [this.#after, now]);
    if (told) {
      for (const [value, was] of told.before) {
        const is = told.now.get(value);
        if (is) this.schemas(was, is, way, `${at} ${value}`);
        else if (way === 'sent') this.say(at, `can no longer be ${value}`);
        else if (whole) this.say(at, `is never ${value} any more`);
      }
      return;
    }
    const [from, to] = way === 'sent' ? [old, now] : [now, old];
    const lost = from.filter(
      (one) => !to.some((other) => (way === 'sent' ? this.#fits(one, other, way) : this.#fits(other, one, way))),
    );
    for (const one of lost) {
      // Of one form there is one, as a rule: then it can be said what is wrong within it.
      const [sameForm, ...more] = to.filter(
        (other) => this.#formOf(other, !(way === 'sent')) === this.#formOf(one, way === 'sent'),
      );
      if (sameForm && more.length === 0) {
        const [was, is] = way === 'sent' ? [one, sameForm] : [sameForm, one];
        this.#seen.delete(`${way} ${this.#keyOf(was)} ${this.#keyOf(is)}`);
        this.schemas(was, is, way, at);
      } else {
        const form = this.#formOf(one, way === 'sent');
        this.say(at, way === 'sent' ? `can no longer be ${form}` : `may now be ${form}`);
      }
    }
  }

  #formOf(schema: Json, before: boolean): string {
    return formOf(resolved(before ? this.#before : this.#after, schema));
  }

  /** Whether it is worth looking further. */
  #types(was: Json, is: Json, way: Way, at: string): boolean {
    const [before, now] = [formOf(was), formOf(is)];
    const [narrow, wide] = way === 'sent' ? [before, now] : [now, before];
    if (before === now) return true;
    if (wide === 'anything' || (narrow === 'integer' && wide === 'number')) return wide !== 'anything';
    this.say(at, `is ${now} and was ${before}`);
    return false;
  }

  #values(was: Json, is: Json, way: Way, at: string): void {
    const [before, now] = [valuesOf(was), valuesOf(is)];
    if (way === 'received') {
      if (before && !now) this.say(at, `may now be any ${formOf(is)}`);
      // One value is what it is told by; of several, more may come.
      else if (before?.length === 1 && now && !now.includes(before[0])) this.say(at, `is never ${before[0]} any more`);
      return;
    }
    if (!now) return;
    if (!before) this.say(at, `can be ${now.join(', ')} alone`);
    else for (const value of before) if (!now.includes(value)) this.say(at, `can no longer be ${value}`);
  }

  #bounds(was: Json, is: Json, at: string): void {
    for (const [name, direction] of Object.entries(BOUNDS)) {
      const [before, now] = [was[name] as number | undefined, is[name] as number | undefined];
      if (now === undefined || before === now) continue;
      if (before === undefined || (now - before) * direction > 0)
        this.say(at, `has ${name} ${now} and had ${before ?? 'none'}`);
    }
    for (const name of ['pattern', 'format']) {
      if (is[name] !== undefined && is[name] !== was[name])
        this.say(at, `has ${name} ${is[name]} and had ${was[name] ?? 'none'}`);
    }
  }

  #fields(was: Json, is: Json, way: Way, at: string): void {
    const [before, now] = [(was.properties ?? {}) as Json, (is.properties ?? {}) as Json];
    const [needed, needs] = [(was.required ?? []) as string[], (is.required ?? []) as string[]];
    for (const [name, old] of Object.entries(before)) {
      const field = `${at}.${name}`;
      if (!Object.hasOwn(now, name)) this.say(field, way === 'sent' ? 'is no longer taken' : 'is gone');
      else {
        if (way === 'received' && needed.includes(name) && !needs.includes(name)) this.say(field, 'may now be missing');
        this.schemas(old, now[name], way, field);
      }
    }
    if (way === 'sent') {
      for (const name of needs) if (!needed.includes(name)) this.say(`${at}.${name}`, 'is now needed');
      if (was.additionalProperties !== false && is.additionalProperties === false)
        this.say(at, 'takes no further fields');
    }
    if (isObject(was.additionalProperties) && isObject(is.additionalProperties)) {
      this.schemas(was.additionalProperties, is.additionalProperties, way, `${at}.*`);
    }
  }
}

function choicesOf(schema: Json): Json[] | null {
  return (schema.oneOf ?? schema.anyOf ?? null) as Json[] | null;
}

function valuesOf(schema: Json): unknown[] | null {
  if (schema.const !== undefined) return [schema.const];
  return (schema.enum as unknown[] | undefined) ?? null;
}

function formOf(schema: Json): string {
  if (typeof schema.type === 'string') return schema.type;
  const [first] = valuesOf(schema) ?? [];
  return first === undefined ? 'anything' : first === null ? 'null' : typeof first;
}

type Choices = readonly [document: Json, choices: Json[]];

/** The choices before and now by the value of the field that tells them apart, or null where none does. */
function apart(before: Choices, now: Choices): { before: Map<string, Json>; now: Map<string, Json> } | null {
  const [document, choices] = before[1].length >= now[1].length ? before : now;
  for (const field of Object.keys((resolved(document, choices[0]).properties ?? {}) as Json)) {
    const [was, is] = [byValueOf(before, field), byValueOf(now, field)];
    if (was && is) return { before: was, now: is };
  }
  return null;
}

function byValueOf([document, choices]: Choices, field: string): Map<string, Json> | null {
  const byValue = new Map<string, Json>();
  for (const choice of choices) {
    const properties = (resolved(document, choice).properties ?? {}) as Record<string, Json>;
    const values = valuesOf(properties[field] ?? {});
    if (values?.length === 1) byValue.set(String(values[0]), choice);
  }
  return byValue.size === choices.length ? byValue : null;
}
