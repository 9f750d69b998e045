import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import {
  proxySinks,
  type Sinks,
  type WorkflowInterceptors,
  type WorkflowInterceptorsFactory,
  workflowInfo,
} from '@temporalio/workflow';
import { spanIdOf, TRACE_HEADER, TRACE_LINK_HEADER, traceparentWith } from './traceHeader.ts';

/**
 * Has what a workflow asks for be part of whatever told it last. Bundled where traces are kept. It answers what is
 * answered to it and awaits nothing of its own, so that a workflow runs alike with it and without: a history is
 * replayed by either.
 */

export interface TraceSinks extends Sinks {
  trace: {
    /** A Signal has come: it is part of `parent`, and others know it by `id`. */
    signalled(what: { parent: string; id: string; began: number }): void;
  };
}

const { trace } = proxySinks<TraceSinks>();

/** What is asked for so long after the last Signal is time's doing: it is part of nothing, and led to by that. */
const LATER_MS = 60_000;

export const interceptors: WorkflowInterceptorsFactory = (): WorkflowInterceptors => {
  let told: { traceparent: string; at: number } | null = null;
  let signals = 0;

  const placed = <Input extends { readonly headers: Headers }>(input: Input): Input => {
    if (told === null) return input;
    const name = Date.now() - told.at < LATER_MS ? TRACE_HEADER : TRACE_LINK_HEADER;
    return { ...input, headers: { ...input.headers, [name]: defaultPayloadConverter.toPayload(told.traceparent) } };
  };

  return {
    inbound: [
      {
        handleSignal(input, next) {
          signals += 1;
          const parent = textOf(input.headers);
          if (parent === null) told = null;
          else {
            const id = spanIdOf(workflowInfo().runId, signals);
            const at = Date.now();
            told = { traceparent: traceparentWith(parent, id), at };
            trace.signalled({ parent, id, began: at });
          }
          return next(input);
        },
        handleUpdate(input, next) {
          told = null;
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(placed(input)),
        scheduleLocalActivity: (input, next) => next(placed(input)),
      },
    ],
  };
};

function textOf(headers: Headers): string | null {
  const payload = headers[TRACE_HEADER];
  return payload ? defaultPayloadConverter.fromPayload<string>(payload) : null;
}
