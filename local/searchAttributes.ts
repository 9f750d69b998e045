import proto from '@temporalio/proto';
import { connect, type Way } from '#worker/cluster.ts';
import { SEARCH_ATTRIBUTE_KEYS } from '#workflows/process/board.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;

/** What the operator may filter and sort workflows by: names, and types as the server's command line takes them. */
export const SEARCH_ATTRIBUTES = Object.fromEntries(
  Object.values(SEARCH_ATTRIBUTE_KEYS).map(({ name, type }) => [name, type]),
);

/** Makes our search attributes known in a namespace; does nothing where they are already there. */
export async function registerSearchAttributes(to: Way): Promise<void> {
  const { namespace } = to;
  const connection = await connect(to, 10_000);
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => customAttributes?.[name] === undefined);
    if (missing.length === 0) return;
    const searchAttributes = Object.fromEntries(
      missing.map(([name, type]) => [name, IndexedValueType[`INDEXED_VALUE_TYPE_${type}`]]),
    );
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } finally {
    await connection.close();
  }
}
