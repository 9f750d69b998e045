import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { readCluster } from './cluster.ts';

const config = { TEMPORAL_ADDRESS: '127.0.0.1:7233', TEMPORAL_NAMESPACE: 'default', TEMPORAL_TASK_QUEUE: 'tandem' };

test('a cluster of one machine needs nothing but its address', () => {
  expect(readCluster(config, {})).toEqual({ address: '127.0.0.1:7233', namespace: 'default', taskQueue: 'tandem' });
});

test('an API key goes with TLS, and is what Temporal calls it', () => {
  const cluster = readCluster(config, {
    TEMPORAL_ADDRESS: 'eu.tmprl.cloud:7233',
    TEMPORAL_NAMESPACE: 'tandem.abcde',
    TEMPORAL_API_KEY: 'a key',
    TEMPORAL_GRPC_META_X_TEAM: 'escrow',
  });
  expect(cluster).toMatchObject({
    address: 'eu.tmprl.cloud:7233',
    namespace: 'tandem.abcde',
    apiKey: 'a key',
    tls: true,
    metadata: { 'x-team': 'escrow' },
  });
});

test('a cluster with certificates of its own is shown ours', () => {
  const { tls } = readCluster(config, {
    TEMPORAL_TLS_CLIENT_CERT_DATA: 'our certificate',
    TEMPORAL_TLS_CLIENT_KEY_DATA: 'our key',
    TEMPORAL_TLS_SERVER_CA_CERT_DATA: 'their authority',
    TEMPORAL_TLS_SERVER_NAME: 'temporal.internal',
  });
  const text = (bytes?: Uint8Array | null) => Buffer.from(bytes ?? []).toString();
  if (typeof tls !== 'object' || tls === null) throw new Error('no TLS');
  expect(tls.serverNameOverride).toBe('temporal.internal');
  expect(text(tls.serverRootCACertificate)).toBe('their authority');
  expect([text(tls.clientCertPair?.crt), text(tls.clientCertPair?.key)]).toEqual(['our certificate', 'our key']);
});

test('a key for what Temporal keeps makes a codec, for worker and client alike', () => {
  const key = randomBytes(32).toString('base64');
  expect(readCluster({ ...config, TEMPORAL_CODEC_KEY: key }, {}).dataConverter?.payloadCodecs).toHaveLength(1);
  expect(() => readCluster({ ...config, TEMPORAL_CODEC_KEY: 'short' }, {})).toThrow(/32 bytes/);
});

test('a configuration file is read only where one is named', () => {
  expect(() =>
    readCluster(config, { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml', TEMPORAL_PROFILE: 'eu' }),
  ).toThrow();
});
