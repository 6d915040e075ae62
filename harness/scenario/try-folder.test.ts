import { expect, it } from 'vitest';
import { readTryFolder, tryFolder } from './try-folder.ts';

it.each([1, 2, 6, 10])('is read as try %i, as it was named', (number) => {
  expect(readTryFolder(tryFolder('healthy-minio', number))).toEqual({ first: 'healthy-minio', number });
});

it.each(['healthy-minio', 'a-try-2-minio', 'a-minio-try-1', 'a-minio-try-02', 'a-minio-try-', '-try-2'])(
  'of a first try is its own: %s',
  (folder) => {
    expect(readTryFolder(folder)).toEqual({ first: folder, number: 1 });
  },
);
