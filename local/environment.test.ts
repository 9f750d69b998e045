import { expect, test } from 'vitest';
import { forgetOtherPostgres, reachOursDirectly } from './environment.ts';

function directly(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  reachOursDirectly([], environment);
  return environment;
}

const OURS = '127.0.0.1,localhost,[::1]';

test('this machine is reached without a proxy, whichever name a client reads', () => {
  expect(directly({})).toEqual({ no_proxy: OURS, NO_PROXY: OURS, no_grpc_proxy: OURS });
});

test('an address that a setting names is reached so as well', () => {
  const environment: NodeJS.ProcessEnv = {};
  reachOursDirectly(['127.0.0.2', 'localhost'], environment);
  expect(environment.no_proxy).toBe(`${OURS},127.0.0.2`);
});

test('what the user has said stays, and is not said twice', () => {
  const both = `a.example,${OURS}`;
  const once = directly({ NO_PROXY: 'a.example, ' });
  expect(once).toEqual({ no_proxy: both, NO_PROXY: both, no_grpc_proxy: both });
  expect(directly({ ...once })).toEqual(once);
  expect(directly({ no_proxy: 'a', NO_PROXY: 'b', no_grpc_proxy: 'c' })).toEqual({
    no_proxy: `a,${OURS}`,
    NO_PROXY: `b,${OURS}`,
    no_grpc_proxy: `c,${OURS}`,
  });
});

test('no proxy for anybody stays as it is, except for gRPC, which does not know it', () => {
  expect(directly({ no_proxy: '*' })).toEqual({ no_proxy: '*', no_grpc_proxy: `*,${OURS}` });
});

test('nothing of another Postgres is left', () => {
  const environment = { PGSSLMODE: 'require', PGOPTIONS: '-c search_path=x', PATH: '/bin' };
  forgetOtherPostgres(environment);
  expect(environment).toEqual({ PATH: '/bin' });
});
