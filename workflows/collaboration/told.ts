/** A provider's fact as the workflow's history shows it: enough for an operator to read; the inbox holds the rest. */
export type ReportedFact = { id: string; kind: string; amount: string; currency: string };
