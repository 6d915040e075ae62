/** The final read: what is there when all is over, straight from MinIO and from the local disks, past all faults. */
import { block, bytes, count, event, text, writer } from './event.ts';

const key = text("The object's key.");

export const finalReadSchemas = {
  'final.object': event('final.object', 'An object in the bucket.', {
    key,
    size: bytes('Its size'),
    sha256: text('Hex, of what was read.'),
    lastModified: text('ISO 8601, as MinIO says.'),
  }),
  'final.upload': event('final.upload', 'A multipart upload that was left behind.', {
    key,
    uploadId: text('Its id.'),
    parts: count('Its parts.'),
    bytes: bytes('Its parts'),
  }),
  'final.local': event('final.local', "An object of a block that is still on a writer's local disk.", {
    writer,
    block,
    name: text('Below the folder of the block.'),
    size: bytes('Its size'),
    sha256: text('Hex.'),
  }),
  'final.wal': event('final.wal', 'What is still in the WAL of a block that waits to be completed.', {
    writer,
    block,
    bytes: bytes('In closed pages'),
  }),
  'final.read': event('final.read', 'The final read was completed. Without it, nothing may be said about the bucket.', {
    objects: count('How many there are.'),
    bytes: bytes('All of them'),
  }),
};
