import { expect, test } from 'vitest';
import { looksLikeTheSystem } from './reserved.ts';

test.each([
  'system',
  'System',
  's.y.s.t.e.m',
  'sy5tem',
  'admin',
  'adm1n',
  'Admin_',
  'ad-min',
  'adrnin',
  'support7',
  'support',
  'tandem',
  'Tandem-Payouts',
  'the.system',
  'system-00000000000000000000000000000000',
  'root',
  'off1cial',
  'deleted',
  'deleted-0190f3a2000070008000000000000bad',
  'De1eted.one',
])('%s is nobody’s handle: it reads as the system’s', (handle) => expect(looksLikeTheSystem(handle)).toBe(true));

test.each([
  'asha',
  'ravi99',
  'badminton',
  'systematic',
  'rooter',
  'helper',
  'boty',
  'demo_brand',
  'supporter',
  'modest',
  'teamwork',
  'deletedscenes',
  'un-deleted',
  'a1',
  '_.',
  '99',
])('%s is anybody’s', (handle) => expect(looksLikeTheSystem(handle)).toBe(false));
