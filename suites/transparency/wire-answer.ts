/** One answer as it came over the wire, and what of it differs from one run to the next although nothing is different. */

export interface WireAnswer {
  status: number;
  /** Names and values in their order and case. */
  rawHeaders: string[];
}

export interface Step {
  step: string;
  /** What the client gave its caller. */
  result: unknown;
  error?: string;
  answers: WireAnswer[];
}

/** Takes steps one after another, each with the answers that came over the wire meanwhile (`take`). */
export class Steps {
  readonly taken: Step[] = [];

  /** `inWords`: an error as the client's caller sees it. */
  constructor(readonly inWords: (error: Error) => string) {}

  readonly take = (answer: WireAnswer): void => {
    this.taken.at(-1)?.answers.push(answer);
  };

  readonly step = async (name: string, act: () => Promise<unknown>): Promise<void> => {
    const told: Step = { step: name, result: null, answers: [] };
    this.taken.push(told);
    try {
      told.result = await act();
    } catch (error) {
      told.error = this.inWords(error as Error);
    }
  };
}

/** Headers whose value is of the moment, or of the one request. */
const momentary = new Set(['date', 'last-modified', 'x-amz-request-id', 'x-ratelimit-remaining']);

/** `names`: what is called differently (bucket, host, port), and what to put in its place. */
export function comparable(steps: readonly Step[], names: ReadonlyMap<string, string>): unknown {
  const headers = ({ status, rawHeaders }: WireAnswer) => {
    const lines: string[] = [];
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] as string;
      lines.push(`${name}: ${momentary.has(name.toLowerCase()) ? '...' : rawHeaders[index + 1]}`);
    }
    return [status, ...lines];
  };
  let text = JSON.stringify(steps.map((step) => ({ ...step, answers: step.answers.map(headers) })));
  for (const [name, instead] of names) text = text.replaceAll(name, instead);
  return JSON.parse(text);
}
