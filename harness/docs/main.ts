/** `npm run docs`: writes the documents that are made from the code, and removes pages of faults and checkers that are no more. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../process/child.ts';
import { madeDocuments, madeFolders } from './made.ts';

const docs = join(packageRoot, 'docs');
const made = await madeDocuments();
for (const folder of madeFolders) {
  await mkdir(join(docs, folder), { recursive: true });
  for (const file of await readdir(join(docs, folder))) {
    if (!made.has(`${folder}/${file}`)) await rm(join(docs, folder, file));
  }
}
for (const [path, text] of made) await writeFile(join(docs, path), text);
