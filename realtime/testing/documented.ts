import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

/** What is on the wire, against the written document and not against what it was made from. */
const document = JSON.parse(readFileSync(new URL('../asyncapi.json', import.meta.url), 'utf8')) as {
  components: { schemas: object; messages: Record<string, { payload: object }> };
};

const ajv = new Ajv({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema({ $id: 'asyncapi', components: document.components });
const validators = new Map<string, ValidateFunction>();

/** How a value differs from a schema of the document; null when it does not. */
export function faultOf(schema: unknown, value: unknown): string | null {
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"asyncapi#/components/');
  const validate = validators.get(text) ?? ajv.compile(JSON.parse(text));
  validators.set(text, validate);
  return validate(value) ? null : `${JSON.stringify(value)}: ${ajv.errorsText(validate.errors)}`;
}

/** How what was heard differs from every message of the document with this key or, ending in a dot, beginning. */
export function faultOfMessage(key: string, value: unknown): string | null {
  const payloads = Object.entries(document.components.messages).filter(([each]) =>
    key.endsWith('.') ? each.startsWith(key) : each === key,
  );
  if (payloads.length === 0) return `no message ${key} in the document`;
  const faults = payloads.map(([, { payload }]) => faultOf(payload, value));
  return faults.includes(null) ? null : (faults[0] ?? null);
}
