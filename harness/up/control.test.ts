import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { realClock } from '../clock.ts';
import type { Lease } from '../environment/lease.ts';
import { faultNamed, faults } from '../faults/catalogue.ts';
import type { FaultDefinition } from '../faults/fault.ts';
import { packageRoot } from '../process/child.ts';
import { operations } from './api.ts';
import { serveUp } from './control.ts';
import { examplePath } from './example-path.ts';
import { FaultsInForce } from './faults-in-force.ts';

interface Described {
  openapi: string;
  paths: Record<
    string,
    Record<string, { operationId: string; responses: Record<string, Content>; requestBody?: Content }>
  >;
  components: { schemas: Record<string, object> };
}
interface Content {
  content: { 'application/json': { schema: object } };
}

/** As it is committed, which is what a client in another language is generated from. */
const document = parse(await readFile(join(packageRoot, 'docs', 'control-api.yaml'), 'utf8')) as Described;
const token = 'the token of this up';
const path = examplePath();

let rules: string[] = [];
let healsInVain = false;
let api: Awaited<ReturnType<typeof serveUp>>;
/** `GET /path 200`, each that was seen. */
const seen = new Set<string>();

/** The real schemas, on a path that is not there. */
function definition(name: string): FaultDefinition {
  const evidence = async () => ({ fired: 3, unit: 'requests' as const, measured: { considered: 4 } });
  return {
    ...faultNamed(name),
    async inject({ id, seed }: { id: string; seed: number }) {
      if (seed === 7) throw new Error('the gateway does not answer');
      rules.push(id);
      return {
        evidence,
        async heal() {
          if (healsInVain) throw new Error('the gateway does not answer');
          rules = rules.filter((rule) => rule !== id);
          return evidence();
        },
      };
    },
  } as unknown as FaultDefinition;
}

beforeAll(async () => {
  const lease = {
    endpoint: path.endpoint,
    edge: { rules: async () => rules },
    proxy: { inForce: async () => [] },
    dns: { inForce: async () => [] },
    neighbours: { open: () => [] },
  } as unknown as Lease;
  api = await serveUp(token, path, new FaultsInForce(lease, realClock, { injected() {}, ended() {} }, definition));
});
afterAll(() => api.close());

/** Whatever is answered has to be what the document says of this operation and status. */
async function call(method: string, at: string, body?: unknown, authorization = `Bearer ${token}`) {
  const response = await fetch(`http://127.0.0.1:${api.port}${at}`, {
    method,
    headers: { authorization },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  const template = at.replace(/^\/faults\/.+/, '/faults/{id}');
  const described = document.paths[template]?.[method.toLowerCase()]?.responses[response.status];
  expect(described, `${method} ${template} answers ${response.status}`).toBeDefined();
  const { schema } = (described as Content).content['application/json'];
  const parsed = schemaOf(schema).safeParse(answer);
  expect(parsed.error?.issues ?? [], JSON.stringify(answer)).toEqual([]);
  seen.add(`${method} ${template} ${response.status}`);
  return { status: response.status, answer };
}

function schemaOf(schema: object) {
  const whole = JSON.stringify({ ...schema, $defs: document.components.schemas }).replaceAll(
    '#/components/schemas/',
    '#/$defs/',
  );
  return z.fromJSONSchema(JSON.parse(whole));
}

const slowDown = { fault: 's3-error', with: { code: 'SlowDown', probability: 0.5 }, for: '30s' };

describe('answers as the document says', () => {
  it('what the path is', async () => {
    expect((await call('GET', '/path')).answer).toEqual(path);
  });

  it('a fault from its beginning to its end', async () => {
    const { answer } = await call('POST', '/faults', slowDown);
    expect(answer).toMatchObject({ state: 'in-force', evidence: { fired: 3 } });
    const id = String(answer.id);
    expect((await call('GET', '/faults')).answer).toMatchObject({ inForce: [{ id }], healed: [] });
    expect((await call('GET', `/faults/${id}`)).answer).toMatchObject({ id, state: 'in-force' });
    expect((await call('DELETE', `/faults/${id}`)).answer).toMatchObject({ id, state: 'healed' });
    expect((await call('GET', '/faults')).answer).toMatchObject({ inForce: [], healed: [{ id }] });
    expect(await call('DELETE', `/faults/${id}`)).toMatchObject({ status: 409 });
    expect(await call('DELETE', '/faults')).toMatchObject({ status: 200, answer: { healed: [] } });
  });

  it('a fault that is not there', async () => {
    expect(await call('GET', '/faults/9-latency')).toMatchObject({
      status: 404,
      answer: { remedy: 'nothing is in force' },
    });
    expect(await call('DELETE', '/faults/9-latency')).toMatchObject({ status: 404 });
  });

  it('a request that is wrong, with where', async () => {
    expect(await call('POST', '/faults', { fault: 's3-error', with: { probability: 1.5 } })).toMatchObject({
      status: 400,
      answer: { problems: [{ where: 'with.probability' }] },
    });
    expect(await call('POST', '/faults', '{')).toMatchObject({
      status: 400,
      answer: { error: 'the body is not JSON' },
    });
    expect(await call('POST', '/faults')).toMatchObject({ status: 400 });
    expect(rules).toEqual([]);
  });

  it('a request that is too large', async () => {
    expect(await call('POST', '/faults', `"${'x'.repeat(2 ** 20)}"`)).toMatchObject({ status: 413 });
  });

  it('a fault that cannot be injected', async () => {
    expect(await call('POST', '/faults', { ...slowDown, seed: 7 })).toMatchObject({ status: 502 });
  });

  it('two that touch the same thing', async () => {
    const touching = faults.find(({ touches, needs }) => touches !== undefined && !needs) as FaultDefinition;
    const once = { fault: touching.name, with: touching.example };
    await call('POST', '/faults', once);
    expect(await call('POST', '/faults', once)).toMatchObject({
      status: 409,
      answer: { remedy: expect.stringContaining('heal') },
    });
    await call('DELETE', '/faults');
  });

  it('a heal that fails', async () => {
    const { answer } = await call('POST', '/faults', slowDown);
    healsInVain = true;
    const left = { inForce: [`gateway rule: ${answer.id}`] };
    expect(await call('DELETE', `/faults/${answer.id}`)).toMatchObject({ status: 502, answer: left });
    expect(await call('DELETE', '/faults')).toMatchObject({ status: 502, answer: left });
    healsInVain = false;
    expect(await call('DELETE', '/faults')).toMatchObject({ status: 200 });
  });

  it.each(Object.values(operations))('$method $path without the token', async ({ method, path: at }) => {
    expect(await call(method, at.replace(':id', '1-s3-error'), undefined, 'Bearer guessed')).toMatchObject({
      status: 401,
    });
  });

  it('all that it describes, and nothing else', () => {
    expect(document.openapi).toBe('3.1.0');
    const described = Object.entries(document.paths).flatMap(([at, methods]) =>
      Object.entries(methods).flatMap(([method, { responses }]) =>
        Object.keys(responses).map((status) => `${method.toUpperCase()} ${at} ${status}`),
      ),
    );
    // Nothing here breaks it.
    const provoked = described.filter((one) => !one.endsWith(' 500'));
    expect([...seen].sort()).toEqual(provoked.sort());
  });
});

describe('takes what the document says', () => {
  const described = document.paths['/faults']?.post?.requestBody as Content;
  const request = schemaOf(described.content['application/json'].schema);

  it('of every fault, its example', () => {
    for (const { name, example } of faults) {
      expect(request.safeParse({ fault: name, with: example, for: '30s' }).success, name).toBe(true);
    }
  });

  it.each([
    [{ fault: 'gremlins' }],
    [{ fault: 'latency' }],
    [{ fault: 'latency', with: { latency: '1s', gremlins: 1 } }],
    [{ fault: 's3-error', with: { probability: 1.5 } }],
    [{ fault: 's3-error', with: { operations: [] } }],
  ])('and not %j', (body) => {
    expect(request.safeParse(body).success).toBe(false);
  });
});
