/** Where on the path of a write faults sit, for the pages. */
import type { Place } from '../faults/fault.ts';

export const placeWords: Record<Place, string> = {
  network: 'the network between client and S3: Toxiproxy, or the wire stage of the gateway',
  tls: 'the TLS handshake with S3, at the gateway',
  dns: "the look-up of S3's name, at the DNS server",
  s3: 'S3 itself, at the S3 edge of the gateway',
  server: 'the machine that S3 runs on: a MinIO of its own',
  machine: "the writer's machine: its process and its local disk",
};
