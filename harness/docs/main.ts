/** `npm run docs`: writes the documents that are made from the code, and removes pages of faults that are no more. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../process/child.ts';
import { madeDocuments } from './made.ts';

const folder = join(packageRoot, 'docs');
const made = madeDocuments();
await mkdir(join(folder, 'faults'), { recursive: true });
for (const file of await readdir(join(folder, 'faults'))) {
  if (!made.has(`faults/${file}`)) await rm(join(folder, 'faults', file));
}
for (const [path, text] of made) await writeFile(join(folder, path), text);
