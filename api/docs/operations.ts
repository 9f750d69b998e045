import type { OpenAPIV3_1 } from 'openapi-types';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

export type Operation = {
  /** "POST /api/campaigns". */
  route: string;
  operation: OpenAPIV3_1.OperationObject;
};

/** All operations of a document, in its order. */
export function operationsOf(document: Pick<OpenAPIV3_1.Document, 'paths'>): Operation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item?.[method] as OpenAPIV3_1.OperationObject | undefined;
      return operation ? [{ route: `${method.toUpperCase()} ${path}`, operation }] : [];
    }),
  );
}

/** `deals.submitWork`, `gift:received`, `FLOW_STATE_INVALID` → `DealsSubmitWork`, `GiftReceived`, `FlowStateInvalid`. */
export function pascal(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => (/^[A-Z0-9]+$/.test(word) ? word.toLowerCase() : word))
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}
