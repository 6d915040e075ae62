/** The parameters of a fault as options of a command line: `retryAfter: 2` is `--retry-after 2`. */
import { type DescribedParameter, describedParameters, type JsonSchema } from '../faults/described-parameters.ts';
import type { FaultDefinition } from '../faults/fault.ts';
import { shellQuoted } from '../process/shell-quoted.ts';

/** Options of `inject` itself: a parameter of one of these names is given as `--with-NAME`. */
export const ownOptions = ['for', 'seed', 'up', 'json', 'help'] as const;

export interface FaultOption {
  /** `--retry-after`. */
  flag: string;
  parameter: DescribedParameter;
}

export function faultOptions(fault: Pick<FaultDefinition, 'parameters'>): FaultOption[] {
  return describedParameters(fault).map((parameter) => {
    const kebab = parameter.name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const taken = (ownOptions as readonly string[]).includes(kebab);
    return { flag: taken ? `--with-${kebab}` : `--${kebab}`, parameter };
  });
}

/** Whether the option needs no value: `--tcp` is `--tcp true`. */
export function isSwitch({ parameter }: FaultOption): boolean {
  return parameter.schema.type === 'boolean';
}

/**
 * A value as it was typed: lists separated by commas, or as JSON; keys with values as JSON. What does not fit is given as the text that
 * it is: the fault's own schema refuses it, in its own words.
 */
export function readOption(text: string, schema: JsonSchema): unknown {
  const members = schema.anyOf ?? schema.oneOf;
  if (members) {
    for (const member of members) {
      const value = readOption(text, member);
      if (value !== text) return value;
    }
    return text;
  }
  const types = [schema.type].flat();
  if (types.includes('array')) {
    const list = /^\s*\[/.test(text) ? readJson(text) : undefined;
    if (list !== undefined) return list;
    const items = schema.items || {};
    return text.split(',').flatMap((one) => (one.trim() === '' ? [] : [readOption(one.trim(), items)]));
  }
  if (types.includes('object')) return readJson(text) ?? text;
  if (types.includes('boolean') && /^(true|false)$/.test(text)) return text === 'true';
  // A quantity is a text with a unit: a number without one is for the schema to refuse.
  const numeric = !types.includes('string') && (types.includes('number') || types.includes('integer'));
  return numeric && text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `tempo-s3-chaos inject s3-error --code SlowDown`, fit for a POSIX shell. */
export function injectCommand(
  fault: Pick<FaultDefinition, 'name' | 'parameters'>,
  given: Record<string, unknown>,
): string {
  const options = faultOptions(fault).flatMap((option) => {
    const value = given[option.parameter.name];
    if (value === undefined) return [];
    return isSwitch(option) && value === true ? [option.flag] : [option.flag, shellQuoted(written(value))];
  });
  return ['tempo-s3-chaos inject', fault.name, ...options].join(' ');
}

function written(value: unknown): string {
  const plainList = Array.isArray(value) && value.every((one) => typeof one === 'string' || typeof one === 'number');
  if (plainList) return value.join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
