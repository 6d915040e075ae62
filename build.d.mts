/** Brings dist/ up to date with harness/. */
export function build(): Promise<void>;
