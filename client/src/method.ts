import type { operations } from './openapi.d.ts';

export type OperationName = keyof operations;

type JsonOf<Answer> = Answer extends { content: { 'application/json': infer Body } }
  ? Body
  : Answer extends { content: { 'text/plain': infer Text } }
    ? Text
    : never;

type Succeeding<Responses> = {
  [Status in keyof Responses]: Status extends 200 | 201 | 202 ? JsonOf<Responses[Status]> : never;
}[keyof Responses];

/** What a method resolves with: an answer's `data`, and of a list its `page` beside it. */
type Given<Answer> = Answer extends { data: infer Found; page: infer Page }
  ? { data: Found; page: Page }
  : Answer extends { data: infer Found }
    ? Found
    : Answer;

export type Data<Name extends OperationName> = Given<Succeeding<operations[Name]['responses']>>;

export type Body<Name extends OperationName> = operations[Name] extends {
  requestBody?: { content: { 'application/json': infer Sent } };
}
  ? NonNullable<Sent>
  : never;

export type Query<Name extends OperationName> = NonNullable<operations[Name]['parameters']['query']>;

export interface CallOptions {
  /** Aborted, it ends the call, whose promise rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface KeyedOptions extends CallOptions {
  /** Sent with every repetition, so that the API does once what is asked several times. By default a new one. */
  idempotencyKey?: string;
  /** Whether it waits for the line to come back; by default as `createTandem` was told. */
  queue?: boolean;
}
