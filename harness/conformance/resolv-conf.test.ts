import { expect, it } from 'vitest';
import { resolvConf } from './resolv-conf.ts';

it.each([
  [undefined, { servers: 2, attempts: 2 }],
  ['', { servers: 2, attempts: 2 }],
  ['nameserver 10.0.0.53\n', { servers: 1, attempts: 2 }],
  ['# nameserver 1.1.1.1\nsearch a b\nnameserver\t10.0.0.1\nnameserver 10.0.0.2\n', { servers: 2, attempts: 2 }],
  ['nameserver a\nnameserver b\nnameserver c\nnameserver d', { servers: 3, attempts: 2 }],
  ['nameserver a\noptions ndots:5 attempts:4 timeout:1', { servers: 1, attempts: 4 }],
  ['nameserver a\noptions attempts:0', { servers: 1, attempts: 1 }],
])('of %j, Go asks %j', (text, asked) => {
  expect(resolvConf(text)).toEqual(asked);
});
