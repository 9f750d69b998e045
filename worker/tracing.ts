import { fileURLToPath } from 'node:url';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor, InjectedSinks } from '@temporalio/worker';
import { withSpanId } from '#telemetry/start.ts';
import { note, partOf, SpanKind, traced, traceparent, under } from '#telemetry/trace.ts';
import { TRACE_HEADER, type TraceSinks } from '#workflows/process/trace.ts';

/** How a trace goes from the relay over Temporal to what a workflow has done. */

/** What is put into the workflows' bundle where somebody is told of traces. */
export const TRACING_WORKFLOWS = fileURLToPath(new URL('../workflows/process/trace.ts', import.meta.url));

/** The Signal takes along what it is part of. */
export const tracedSignals: WorkflowClientInterceptor = {
  signalWithStart(input, next) {
    const attributes = { 'tandem.workflow_id': input.options.workflowId };
    return partOf({ name: `signal ${input.signalName}`, kind: SpanKind.CLIENT, attributes }, () => {
      const here = traceparent();
      if (here === null) return next(input);
      const header = { [TRACE_HEADER]: defaultPayloadConverter.toPayload(here) };
      return next({ ...input, headers: { ...input.headers, ...header } });
    });
  },
};

/** What a workflow was told, when it has worked through it: under an id that its activities have as their parent's. */
export const traceSinks: InjectedSinks<TraceSinks> = {
  trace: {
    told: {
      fn(_info, { name, under: parent, spanId, from, processId }) {
        const attributes = { 'tandem.workflow_id': processId };
        withSpanId(spanId, () =>
          note({ name: `workflow ${name}`, kind: SpanKind.CONSUMER, attributes }, { under: parent, from }),
        );
      },
      callDuringReplay: false,
    },
  },
};

/** An activity is part of what its workflow was told, or of nothing. */
export function tracedActivities({ info }: { info: ActivityInfo }): { inbound: ActivityInboundCallsInterceptor } {
  const attributes = {
    'tandem.attempt': info.attempt,
    ...(info.workflowExecution && { 'tandem.workflow_id': info.workflowExecution.workflowId }),
  };
  return {
    inbound: {
      execute: (input, next) =>
        under(traceOf(input.headers), () =>
          traced({ name: `activity ${info.activityType}`, attributes }, () => next(input)),
        ),
    },
  };
}

type ActivityInfo = {
  activityType: string;
  attempt: number;
  workflowExecution?: { workflowId: string } | undefined;
};

function traceOf(headers: Headers): string | null {
  const given = headers[TRACE_HEADER];
  return given ? (defaultPayloadConverter.fromPayload<string>(given) ?? null) : null;
}
