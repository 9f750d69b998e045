import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Part, type PartName, startPart, untilReady } from '#local/part.ts';
import { freePort } from '#local/ports.ts';
import { answersWell } from '#local/program.ts';

export type RestateServer = Part & { ingress: string; admin: string; config: string };

/** Starts the Restate server that its npm package carries, one node with everything at its defaults but the ports. */
export async function startRestate(dir: string, log: string): Promise<RestateServer> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const [fabric, admin, ingress] = [await freePort(), await freePort(), await freePort()];
  const config = join(dir, 'restate.toml');
  writeFileSync(
    config,
    `base-dir = "${join(dir, 'data')}"
disable-telemetry = true
log-filter = "warn"
bind-ip = "127.0.0.1"
bind-port = ${fabric}
[admin]
bind-port = ${admin}
disable-web-ui = true
[ingress]
bind-port = ${ingress}
`,
  );
  const part = await startPart({
    name: 'restate' as PartName,
    command: [restateProgram(), '--no-logo', '--listen-mode', 'tcp', '--config-file', config],
    cwd: dir,
    log,
    orphanSignal: 'SIGKILL',
    stop: [{ signal: 'SIGTERM', wait: 3_000 }],
  });
  const urls = { ingress: `http://127.0.0.1:${ingress}`, admin: `http://127.0.0.1:${admin}` };
  await untilReady(
    part,
    async () => (await answersWell(`${urls.admin}/health`)) && answersWell(`${urls.ingress}/restate/health`),
    60_000,
  );
  return Object.assign(part, urls, { config });
}

/** Everything it is set to, defaults included. */
export function restateSettings(config: string): string {
  return execFileSync(restateProgram(), ['--config-file', config, '--dump-config'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function restateProgram(): string {
  const peers = createRequire(fileURLToPath(new URL('../peers/package.json', import.meta.url)));
  const manifest = peers.resolve(`@restatedev/restate-server-${process.platform}-${process.arch}/package.json`);
  return join(dirname(manifest), 'bin', 'restate-server');
}
