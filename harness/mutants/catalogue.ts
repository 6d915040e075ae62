/** Every mutant there is. A new one is an entry in the file of its theme. */
import { besideARunMutants } from './catalogue/beside-a-run.ts';
import { clientMutants } from './catalogue/client.ts';
import { compactorMutants } from './catalogue/compactor.ts';
import { faultMutants } from './catalogue/faults.ts';
import { judgingMutants } from './catalogue/judging.ts';
import { writerMutants } from './catalogue/writer.ts';
import type { Mutant } from './mutant.ts';

/** The themes, each with what is wrong in it. */
export const mutantThemes: readonly { title: string; mutants: readonly Mutant[] }[] = [
  { title: 'The writer', mutants: writerMutants },
  { title: 'The S3 client and its policy', mutants: clientMutants },
  { title: 'The compactor', mutants: compactorMutants },
  { title: 'The faults, and the places where they act', mutants: faultMutants },
  { title: 'The history, the final read, and the judge', mutants: judgingMutants },
  { title: 'Beside a run', mutants: besideARunMutants },
];

export const mutants: readonly Mutant[] = mutantThemes.flatMap((theme) => theme.mutants);
