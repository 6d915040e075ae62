/** What is up, and how to use it: for the terminal that `up` runs in. */
import type { ControlAddress } from '../up/bring-up.ts';
import type { PathReport } from '../up/protocol.ts';
import type { Paint } from './paint.ts';
import { type Snippets, snippetsFor } from './snippets.ts';
import { printable } from './wrap.ts';

/** What `up --json` prints. */
export interface UpReport extends PathReport {
  control: ControlAddress;
  snippets: Snippets;
}

export function upReport(path: PathReport, control: ControlAddress): UpReport {
  return { ...path, control, snippets: snippetsFor(path) };
}

export function upText({ control, snippets, ...path }: UpReport, paint: Paint): string {
  const { byAddress, bucket, credentials, dnsServer, endpoint, environment, id, region, caFile } = path;
  const facts: [string, string][] = [
    ['endpoint', `${byAddress.url}  by address, for any client`],
    ['', `${endpoint.url}  by name, for one that can be pointed at the DNS server`],
    [
      'DNS server',
      `${dnsServer.host}:${dnsServer.port}  over UDP and TCP; faults of DNS reach only clients that ask it`,
    ],
    ['bucket', `${bucket}  in ${region}`],
    ['access key', credentials.accessKeyId],
    ['secret key', credentials.secretAccessKey],
    ...(caFile === null ? [] : [['authority', `${caFile}  the certificate to trust`] as [string, string]]),
    ['control API', `${control.url}  docs/control-api.yaml; its token is in ${control.file}`],
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  const block = (title: string, text: string) => `${paint('bold', title)}\n${printableBlock(text)}\n`;
  return [
    `${paint('bold', `up ${id}`)}: a path to S3 (${environment}), with no fault on it\n`,
    ...facts.map(([name, value]) => `  ${name.padEnd(width)}  ${printable(value)}\n`),
    '\n',
    block('AWS CLI', snippets.awsCli),
    block('minio-go', snippets.minioGo),
    block('minio-go, by name', snippets.minioGoByName),
    block('Tempo', snippets.tempo),
    block(
      'from another terminal',
      [
        'npx tempo-s3-chaos inject s3-error --code SlowDown --probability 0.5 --for 30s',
        'npx tempo-s3-chaos status',
        'npx tempo-s3-chaos heal --all',
      ].join('\n'),
    ),
    '\nCtrl-C takes everything down.\n',
  ].join('');
}

/** Go is indented by tabs, which are kept. */
function printableBlock(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line.split('\t').map(printable).join('\t')}`)
    .join('\n');
}
