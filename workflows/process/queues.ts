/** The queue on which a provider's calls are made, at the rate that it bears: a slow one holds up nobody else. */
export function providerQueue(taskQueue: string, provider: string): string {
  return `${taskQueue}-${provider}`;
}
