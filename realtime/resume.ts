/** Where delivery to a connection begins. Pure. */
export interface ResumePoint {
  readonly after: number;
  /** Whether the client will have missed nothing since what it named. */
  readonly resumed: boolean;
}

/**
 * `last` is the number of the user's last event, `resume` what the client says it has, `kept` whether the one after that
 * is still there. Without `resume`, with a number that was never given out, when more than `limit` events would have to
 * be sent again or the first of them is no longer kept, delivery begins at the end.
 */
export function resumePoint(last: number, resume: number | undefined, kept: boolean, limit: number): ResumePoint {
  if (resume === last) return { after: last, resumed: true };
  if (resume === undefined || resume > last || last - resume > limit || !kept) return { after: last, resumed: false };
  return { after: resume, resumed: true };
}
