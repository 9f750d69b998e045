import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { proxySinks, type Sinks, type WorkflowInterceptors, workflowInfo } from '@temporalio/workflow';

/**
 * Carries a trace through a workflow: from the Signal that brought something to the activities that it has done for it.
 * In the bundle only where somebody is told of traces. What is made here is the same on every replay.
 */

/** The header of Signals and activities that says what they are part of: a traceparent. */
export const TRACE_HEADER = 'traceparent';

type ToldSpan = { name: string; under: string; spanId: string; from: number; processId: string };

export interface TraceSinks extends Sinks {
  trace: {
    /** A workflow was told something. */
    told(span: ToldSpan): void;
  };
}
const { trace: sink } = proxySinks<TraceSinks>();

/** What is done so long after a Signal, as when a timer ends, begins a trace of its own. */
const PART_OF_IT_MS = 60_000;

export const interceptors = (): WorkflowInterceptors => {
  const { runId, workflowId, workflowType } = workflowInfo();
  let signals = 0;
  let last: { traceparent: string; at: number } | null = null;

  function hear(headers: Headers, signalName: string): void {
    const given = headers[TRACE_HEADER];
    if (!given) return;
    const under = defaultPayloadConverter.fromPayload<string>(given);
    signals += 1;
    // Unlike any other's in this trace: the end of the run's id is by chance.
    const spanId = `${runId.slice(-8)}${signals.toString(16).padStart(8, '0')}`;
    const from = Date.now();
    last = { traceparent: `${under.slice(0, 36)}${spanId}${under.slice(-3)}`, at: from };
    sink.told({ name: `${workflowType} ${signalName}`, under, spanId, from, processId: workflowId });
  }

  function passOn(headers: Headers): Headers {
    if (last === null || Date.now() - last.at > PART_OF_IT_MS) return headers;
    return { ...headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(last.traceparent) };
  }

  return {
    inbound: [
      {
        async handleSignal(input, next) {
          hear(input.headers, input.signalName);
          await next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next({ ...input, headers: passOn(input.headers) }),
        scheduleLocalActivity: (input, next) => next({ ...input, headers: passOn(input.headers) }),
      },
    ],
  };
};
