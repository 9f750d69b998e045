import { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';

const { IndexedValueType } = proto.temporal.api.enums.v1;

/** What the operator may filter and sort workflows by. No personal data: these are readable by everyone in the Web UI. */
export const SEARCH_ATTRIBUTES = {
  TandemKind: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  TandemState: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  TandemAwaiting: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  TandemAttention: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  TandemDeadline: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
  /** Paise. */
  TandemHeld: IndexedValueType.INDEXED_VALUE_TYPE_INT,
};

const TYPE_NAMES: Record<number, string> = {
  [IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD]: 'Keyword',
  [IndexedValueType.INDEXED_VALUE_TYPE_DATETIME]: 'Datetime',
  [IndexedValueType.INDEXED_VALUE_TYPE_INT]: 'Int',
};

/** What the server's command line calls a type of search attributes. */
export function typeName(type: number): string {
  const name = TYPE_NAMES[type];
  if (name === undefined) throw new RangeError(`no name for search attributes of type ${type}`);
  return name;
}

/** Makes our search attributes known in a namespace; does nothing where they are already there. */
export async function registerSearchAttributes(address: string, namespace = 'default'): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 10_000 });
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => customAttributes?.[name] === undefined);
    if (missing.length === 0) return;
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing) });
  } finally {
    await connection.close();
  }
}
