import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort, holderOf, isFree, listens, portsOf } from './ports.ts';

test('a port in use is seen as such, with the process that has it', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await isFree(port)).toBe(false);
  if (process.platform === 'linux') {
    expect(holderOf(port)).toContain(`process ${process.pid} (`);
    expect(listens(process.pid, port)).toBe(true);
    expect(listens(process.ppid, port)).toBe(false);
    expect(portsOf(process.pid)).toContain(port);
  }
  server.close();
  await once(server, 'close');
  expect(await isFree(port)).toBe(true);
  expect(holderOf(port)).toBeNull();
  expect(listens(process.pid, port)).toBeNull();
});

test('the preferred port is given when it is free, and another when it is not', async () => {
  const preferred = await freePort();
  const server = createServer().listen(preferred, '127.0.0.1');
  await once(server, 'listening');
  expect(await freePort(preferred)).not.toBe(preferred);
  server.close();
});

test('no port is given twice, and none that a client could be given for its own end', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
  expect(new Set(ports).size).toBe(50);
  if (process.platform !== 'linux') return;
  const [lowest] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/).map(Number);
  if (lowest === 32_768) expect(Math.max(...ports)).toBeLessThan(lowest);
});
