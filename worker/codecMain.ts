import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createLog } from '#program/log.ts';
import { orExit } from '#program/start.ts';
import { createCodec, readKeys } from './codec.ts';
import { readCodecConfig } from './codecConfig.ts';
import { createCodecServer } from './codecServer.ts';

/** The server that Temporal's own tools ask to read what is under our key. */
const config = orExit(() => readCodecConfig(process.env));
const log = createLog('codec', 'info');
const server = createCodecServer(createCodec(readKeys(config.TEMPORAL_CODEC_KEY)), config);
server.listen(config.CODEC_PORT, config.CODEC_HOST);
await once(server, 'listening');
log.info({ port: (server.address() as AddressInfo).port }, 'the codec server listens');
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
