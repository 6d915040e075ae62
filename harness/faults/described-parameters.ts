/**
 * A fault's parameters, read off its schema: for its page, for `list` and `inject --help`, for the options of `inject`, and for the
 * description of the control API.
 */
import { z } from 'zod';
import { formatByteSize, formatRate } from '../tempo/byte-size.ts';
import { formatDuration } from '../tempo/go-duration.ts';
import type { FaultDefinition } from './fault.ts';
import { firstOf } from './first-of.ts';
import { type Quantity, quantityKey } from './parameters.ts';

/** Of JSON Schema, what zod makes of a parameter. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  items?: JsonSchema | false;
  prefixItems?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  [quantityKey]?: Quantity;
}

export interface DescribedParameter {
  /** As a `with:` has it. */
  name: string;
  /** What it is: `duration, like 500ms`, `one of a, b`, `whole number from 1`. */
  type: string;
  /** The same, with the first few values alone where there are many. */
  shortType: string;
  /** What it is for. */
  about: string;
  required: boolean;
  /** As a `with:` would have it; absent: there is none. */
  fallback?: unknown;
  schema: JsonSchema;
}

const written: Record<Quantity, (value: number) => string> = {
  duration: formatDuration,
  rate: formatRate,
  size: formatByteSize,
};
const like: Record<Quantity, string> = {
  duration: 'duration, like 500ms',
  rate: 'rate, like 1MiB/s',
  size: 'size, like 16MiB',
};

/** Of the values of a parameter, so many fit a few lines of a terminal. */
const SHORT = 24;

/** The JSON Schema of what a caller may give: quantities with their default as text. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...given } = z.toJSONSchema(schema, {
    io: 'input',
    override({ zodSchema, jsonSchema }) {
      if (zodSchema instanceof z.ZodDefault) {
        const quantity = quantityOf(jsonSchema as JsonSchema);
        const { defaultValue } = zodSchema.def;
        jsonSchema.default = (quantity ? written[quantity](defaultValue as number) : defaultValue) as never;
      }
      // Whole numbers need no bounds at which JavaScript could no longer count.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return given as JsonSchema;
}

export function describedParameters({ parameters }: Pick<FaultDefinition, 'parameters'>): DescribedParameter[] {
  const { properties = {}, required = [] } = jsonSchemaOf(parameters);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    type: inWords(schema),
    shortType: inWords(schema, SHORT),
    about: schema.description ?? '',
    required: required.includes(name),
    ...('default' in schema && { fallback: schema.default }),
    schema,
  }));
}

/** What a value has to be, for people. Of a long list of values, `most` are named. */
export function inWords(schema: JsonSchema, most = Number.POSITIVE_INFINITY): string {
  const inside = (part: JsonSchema) => inWords(part, most);
  const quantity = quantityOf(schema);
  if (quantity) return like[quantity];
  if ('const' in schema) return String(schema.const);
  if (schema.enum) {
    return schema.enum.length === 1 ? String(schema.enum[0]) : `one of ${firstOf(schema.enum.map(String), most)}`;
  }
  const members = schema.anyOf ?? schema.oneOf;
  if (members) return members.map(inside).join('; or ');
  switch (schema.type) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `whole number${bounds(schema)}`;
    case 'number':
      return `number${bounds(schema)}`;
    case 'array':
      if (schema.prefixItems) return `[${schema.prefixItems.map(inside).join(', ')}]`;
      return schema.items ? `list: ${inside(schema.items).replace(/^one of /, '')}` : 'list';
    case 'object':
      return schema.properties
        ? `{ ${Object.entries(schema.properties)
            .map(([key, value]) => `${key}${schema.required?.includes(key) ? '' : '?'}: ${inside(value)}`)
            .join('; ')} }`
        : 'keys with values';
    default:
      return 'text';
  }
}

function bounds({ minimum, exclusiveMinimum, maximum }: JsonSchema): string {
  const least =
    exclusiveMinimum !== undefined ? ` over ${exclusiveMinimum}` : minimum !== undefined ? ` from ${minimum}` : '';
  if (maximum === undefined) return least;
  return minimum === undefined ? `${least}${least && ','} up to ${maximum}` : `${least} to ${maximum}`;
}

function quantityOf(schema: JsonSchema): Quantity | undefined {
  return schema[quantityKey];
}
