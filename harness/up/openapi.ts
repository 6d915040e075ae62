/** The description of the control API, in OpenAPI 3.1, made from the schemas that requests are checked by and answers conform to. */
import { type JsonSchema, jsonSchemaOf } from '../faults/described-parameters.ts';
import { type ApiOperation, operations } from './api.ts';
import * as protocol from './protocol.ts';

const named = {
  Path: protocol.pathReport,
  Fault: protocol.faultReport,
  FaultList: protocol.faultList,
  HealedList: protocol.healedList,
  Inject: protocol.injectRequest,
  Refusal: protocol.refusal,
};

const withBody = { 400: 'the body is not JSON', 413: 'the request has more than 1 MiB' };
const always = {
  401: 'the token is missing or wrong',
  500: '`up` itself broke on it',
};

/** The document, as it is committed to docs/control-api.yaml. */
export function controlApiDocument(): object {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operationId, operation] of Object.entries<ApiOperation>(operations)) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][operation.method.toLowerCase()] = describe(operationId, operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'tempo-s3-chaos up: control API',
      version: '1',
      description:
        'JSON over HTTP on loopback. `tempo-s3-chaos up` prints where it listens, and leaves that with the token in a file that only its user may read. Faults and their parameters: docs/faults/.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      {
        url: 'http://127.0.0.1:{port}',
        variables: { port: { default: '0', description: 'as `up` prints it: another one each time' } },
      },
    ],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'of this `up`, as it prints it' } },
      schemas: Object.fromEntries(Object.entries(named).map(([name, schema]) => [name, schemaOf(schema)])),
    },
  };
}

function describe(operationId: string, { path, about, request, answer, refusals }: ApiOperation): object {
  const parameters = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  return {
    operationId,
    summary: about,
    ...(parameters.length > 0 && { parameters }),
    ...(request && { requestBody: { required: true, content: contentOf(request) } }),
    responses: {
      200: { description: describeAnswer(answer), content: contentOf(answer) },
      ...Object.fromEntries(
        Object.entries({ ...(request && withBody), ...always, ...refusals }).map(([status, description]) => [
          status,
          { description, content: contentOf(protocol.refusal) },
        ]),
      ),
    },
  };
}

function describeAnswer(answer: ApiOperation['answer']): string {
  return schemaOf(answer).description ?? '';
}

function contentOf(schema: unknown): object {
  const [name] = Object.entries(named).find(([, one]) => one === schema) as [string, unknown];
  return { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } };
}

/** With references to the others that it is made of. */
function schemaOf(schema: ApiOperation['answer']): JsonSchema {
  return withReferences(jsonSchemaOf(schema)) as JsonSchema;
}

const fault = JSON.stringify(jsonSchemaOf(protocol.faultReport));

function withReferences(part: unknown, depth = 0): unknown {
  if (typeof part !== 'object' || part === null) return part;
  if (depth > 0 && JSON.stringify(part) === fault) return { $ref: '#/components/schemas/Fault' };
  if (Array.isArray(part)) return part.map((one) => withReferences(one, depth + 1));
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, withReferences(value, depth + 1)]));
}
