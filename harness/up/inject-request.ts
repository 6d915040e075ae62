/** What a request to inject a fault says, and every problem of one that cannot be taken. */
import { jsonSchemaOf } from '../faults/described-parameters.ts';
import { inPlainWords } from '../scenario/plain-words.ts';
import { type Problem, problemsOf } from './problems.ts';
import { type InjectRequest, injectRequest } from './protocol.ts';
import { suggestion } from './suggestion.ts';

/** The request cannot be taken. */
export class InjectRequestError extends Error {
  override readonly name = 'InjectRequestError';
  constructor(
    message: string,
    readonly remedy: string,
    readonly problems: Problem[] = [],
  ) {
    super(message);
  }
}

/** @throws InjectRequestError */
export function readInjectRequest(body: unknown): InjectRequest {
  const parsed = injectRequest.safeParse(body, { error: inPlainWords });
  if (parsed.success) return parsed.data;
  const named = (body as { fault?: unknown } | null | undefined)?.fault;
  const option = injectRequest.options.find((one) => one.shape.fault.value === named);
  if (!option) {
    const remedy = suggestion(
      String(named ?? ''),
      injectRequest.options.map((one) => one.shape.fault.value),
    );
    if (typeof named !== 'string') {
      throw new InjectRequestError('expected {"fault": NAME, "with": PARAMETERS, "for": DURATION}', remedy);
    }
    throw new InjectRequestError(`there is no fault "${named}"`, remedy, [
      { where: 'fault', message: 'there is no such fault', remedy },
    ]);
  }
  const problems = problemsOf(parsed.error.issues, body, jsonSchemaOf(option));
  throw new InjectRequestError(
    problems.map(({ where, message }) => `${where}: ${message}`).join('; '),
    `docs/faults/${named}.md shows what it takes`,
    problems,
  );
}
