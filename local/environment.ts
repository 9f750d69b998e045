/** What the user's environment says of other servers does not hold for ours, which only this machine can reach. */

const OURS = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * From now on this process and its children reach this machine without a proxy, by these `hosts` as well. Every client
 * reads one of these names and no other; gRPC's reads the last one, and the second where that is empty.
 */
export function reachOursDirectly(hosts: readonly string[] = [], environment: NodeJS.ProcessEnv = process.env): void {
  const { no_proxy: lower, NO_PROXY: upper } = environment;
  for (const name of ['NO_PROXY', 'no_proxy', 'no_grpc_proxy']) {
    const said = environment[name] || lower || upper || '';
    // "No proxy for anybody" is understood only where nothing stands beside it, and by gRPC not at all.
    if (said.trim() === '*' && name !== 'no_grpc_proxy') continue;
    const saidHosts = said.split(',').map((host) => host.trim());
    environment[name] = [...new Set([...saidHosts, ...OURS, ...hosts])].filter((host) => host !== '').join(',');
  }
}

/** From now on nothing leads this process and its children to another Postgres, or to another way of asking ours. */
export function forgetOtherPostgres(environment: NodeJS.ProcessEnv = process.env): void {
  for (const name of Object.keys(environment)) if (name.startsWith('PG')) delete environment[name];
}
