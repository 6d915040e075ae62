/** The data disk of a MinIO that runs on this machine. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataDisk, NOT_ASKED_FOR, type UnlimitedSpace } from './data-disk.ts';
import { MemoryDisk } from './memory-disk.ts';
import { startProcess } from './native-process.ts';
import type { Register } from './register.ts';

/** @param minio the program. @param limited with a size of its own, where that can be had. */
export async function openNativeDisk(
  name: string,
  limited: boolean,
  minio: string,
  register: Register,
): Promise<DataDisk> {
  const folder = register.newFolder(`server-${name}`);
  const mountPoint = join(folder, 'disk');
  await mkdir(mountPoint);
  const memory: MemoryDisk | UnlimitedSpace = limited ? await mountAt(mountPoint, register) : NOT_ASKED_FOR;
  const isMounted = memory instanceof MemoryDisk;
  return {
    folder: join(mountPoint, 'data'),
    space: isMounted
      ? { limited: true, bytes: memory.bytes, fill: (free) => memory.fill(free), empty: () => memory.empty() }
      : memory,
    async launch({ program, args, env }) {
      const invocation = { name: program, file: minio, args, env: { HOME: folder, ...env }, folder };
      return startProcess(isMounted ? memory.inside(invocation) : invocation, register);
    },
    async close() {
      if (isMounted) await memory.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}

async function mountAt(folder: string, register: Register): Promise<MemoryDisk | UnlimitedSpace> {
  const mounted = await MemoryDisk.mount(folder, register);
  return mounted instanceof MemoryDisk ? mounted : { limited: false, ...mounted };
}
