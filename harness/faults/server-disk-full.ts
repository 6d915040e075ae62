import { z } from 'zod';
import { counted } from '../checkers/counted.ts';
import { defineFault } from './fault.ts';
import { leaseServer, serverItself, tell } from './lease-server.ts';
import { byteSize } from './parameters.ts';
import { type SentOn, sentOn } from './server-requests.ts';

/** MinIO's own check before a write, and what it answers when the write itself runs out of space. */
function refusedForSpace({ attempt, upstream }: SentOn): boolean {
  return (
    (upstream.status === 507 && attempt.code === 'XMinioStorageFull') ||
    (upstream.status === 500 && attempt.code === 'InternalError')
  );
}

/** The disk of the S3 server has no room left: writes are refused, by MinIO itself. */
export const serverDiskFull = defineFault({
  name: 'server-disk-full',
  about: "The S3 server's data disk is full: MinIO refuses writes (507 XMinioStorageFull), and reads go on.",
  details: [
    'MinIO has its data on a file system of a size of its own, in memory: up to 4 GiB, half of the machine’s memory at most, in the ' +
      'native environment (in a mount namespace of its own, of which nothing is left when it ends), 512 MiB in a container. All that ' +
      'the scenario writes has to fit on it. When the fault begins it is filled until `free` bytes are left (natively it is made ' +
      'smaller, in a container a file takes the room), and when it is healed it is given back. It needs Linux, and the right to ' +
      'mount: as root, in a user namespace, or with a container engine. `tempo-s3-chaos doctor` tells whether that can be had here.',
    'MinIO refuses a write with 507 `XMinioStorageFull` when twice its size, and one hundredth of the disk, would not be left. It ' +
      'asks for the room on its disk once in a second: until then, and for parts of a multipart upload, the write itself fails ' +
      '(ENOSPC), which MinIO answers 500 `InternalError`. The heal waits for that second, until MinIO takes a write again.',
    'minio-go does not try again after a 507, as it does after a 500 or 503: the flush fails at once, and waits for its next turn.',
    'Its evidence: requests that S3 itself, not a rule of the gateway, answered so, as the client saw them.',
  ].join('\n\n'),
  place: 'server',
  parameters: z.strictObject({
    free: byteSize().prefault('1MiB').describe('bytes that are left on its disk; compressed as blocks are'),
  }),
  example: { free: '1MiB' },
  demonstrations: [
    {
      about:
        'The disk of S3 is full for forty seconds: each flush fails at its first request, and succeeds when there is room again.',
      compression: { time: 20, bytes: 200 },
      load: { rate: '53MB/s', blocks: 10 },
      timeline: [{ at: '1s', for: '40s', with: { free: '1MiB' } }],
      expect: { lost: 0, deadlineExceeded: 0, visibleWithin: '10m', recoveredWithin: '3m' },
    },
  ],
  needs: ['own-server', 'limited-disk'],
  touches: serverItself,
  compress: ({ free }, compression) => ({ free: compression.size(free) }),
  async inject(injection) {
    const { free } = injection.parameters;
    const server = leaseServer(injection);
    await server.fill(free);
    tell(injection, 'filled');
    const evidence = {
      // What it did is done by MinIO, and seen in its answers.
      fired: null,
      unit: 'requests' as const,
      measured: { free, ...(server.disk.limited && { disk: server.disk.bytes }) },
    };
    return {
      evidence: async () => evidence,
      async heal() {
        await server.empty();
        tell(injection, 'emptied');
        return evidence;
      },
    };
  },
  effect(context) {
    const sent = sentOn(context);
    const refused = sent.filter(refusedForSpace);
    const full = refused.filter(({ upstream }) => upstream.status === 507).length;
    return refused.length > 0
      ? {
          seen: true,
          acted: refused.length,
          message: `S3 refused ${counted(refused.length, 'request')} for want of room, ${full} of them as XMinioStorageFull`,
        }
      : {
          seen: false,
          acted: 0,
          message: `S3 refused none of ${counted(sent.length, 'request')} for want of room: it needs writes, larger than what is \`free\``,
        };
  },
});
