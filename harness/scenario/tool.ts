/** What made a result: the package's name and version. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../process/child.ts';

const { name, version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  name: string;
  version: string;
};

/** `tempo-s3-chaos 1.2.3`. */
export const tool = `${name} ${version}`;
