import { fileURLToPath } from 'node:url';
import type { Context } from '@temporalio/activity';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor, InjectedSinks } from '@temporalio/worker';
import { beginSpan, spanned, traceparent } from '#program/trace.ts';
import type { TraceSinks } from '#workflows/process/traced.ts';
import { TRACE_HEADER, TRACE_LINK_HEADER } from '#workflows/process/traceHeader.ts';

/**
 * A trace on its way through Temporal: from the relay with a Signal into a workflow, and from there with what it asks for
 * into activities. By hand, as the SDK's interceptors for OpenTelemetry have all that a workflow asks for be part of what
 * began it, which may be months ago.
 */

/** What is bundled with workflows. */
export const TRACED_WORKFLOWS = fileURLToPath(new URL('../workflows/process/traced.ts', import.meta.url));

export const traceSignals: WorkflowClientInterceptor = {
  async signalWithStart(input, next) {
    const under = traceparent();
    if (under === null) return next(input);
    return next({ ...input, headers: { ...input.headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(under) } });
  },
};

/** Every try of an activity as a span. What is behind a trace, as time has gone by, begins one that names it. */
export function traceActivities({ info }: Context) {
  const { activityType, attempt, workflowExecution } = info;
  const attributes = {
    'tandem.attempt': attempt,
    ...(workflowExecution && { 'temporal.workflow_id': workflowExecution.workflowId }),
  };
  const inbound: ActivityInboundCallsInterceptor = {
    execute(input, next) {
      const behind = textOf(input.headers, TRACE_LINK_HEADER);
      const options = {
        kind: 'consumer',
        parent: textOf(input.headers, TRACE_HEADER),
        attributes,
        ...(behind !== null && { links: [behind] }),
      } as const;
      return spanned(`activity ${activityType}`, options, () => next(input));
    },
  };
  return { inbound };
}

/** A Signal's span lasts until the workflow has done what there was to do at once. */
export const traceSinks: InjectedSinks<TraceSinks> = {
  trace: {
    signalled: {
      fn({ workflowType, workflowId }, { parent, id, began }) {
        const attributes = { 'temporal.workflow_id': workflowId };
        const at = Math.min(began, Date.now());
        beginSpan(`workflow ${workflowType}`, { kind: 'consumer', parent, id, began: at, attributes })?.end();
      },
      callDuringReplay: false,
    },
  },
};

function textOf(headers: Headers, name: string): string | null {
  const payload = headers[name];
  return payload ? defaultPayloadConverter.fromPayload<string>(payload) : null;
}
