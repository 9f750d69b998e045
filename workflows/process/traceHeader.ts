/** How a trace goes through a workflow: in a header of Signals to it and of activities it asks for. */

/** What a Signal, or an activity, is part of: a traceparent (W3C Trace Context) as JSON. */
export const TRACE_HEADER = 'tandem-traceparent';
/** What led to an activity that is part of nothing: time passed meanwhile. */
export const TRACE_LINK_HEADER = 'tandem-tracelink';

/** A span of the same trace, whose id is given. */
export function traceparentWith(traceparent: string, spanId: string): string {
  const [version, traceId, , flags] = traceparent.split('-');
  return [version, traceId, spanId, flags].join('-');
}

/** An id for the span of a Signal, 16 hex digits: the same in every replay, without a lot that a workflow would draw. */
export function spanIdOf(runId: string, signal: number): string {
  const text = `${runId}/${signal}`;
  return hash(text, 0x81_1c_9d_c5) + hash(text, 0x9e_37_79_b9);
}

/** FNV-1a of 32 bits, from where one begins. */
function hash(text: string, begin: number): string {
  let value = begin;
  for (let place = 0; place < text.length; place += 1) {
    value = Math.imul(value ^ text.charCodeAt(place), 0x01_00_01_93);
  }
  return (value >>> 0).toString(16).padStart(8, '0');
}
