/** For tests: where a fault's schema objects to parameters, and in what words. */
import { faultNamed } from './catalogue.ts';

/** `key: "(" is not a regular expression`; nothing when the parameters are fine. */
export function objections(name: string, parameters: unknown): string[] {
  const parsed = faultNamed(name).parameters.safeParse(parameters);
  return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}
