/** How to point a client at a path that is up: what is printed can be pasted. */
import type { PathReport } from '../up/protocol.ts';

export interface Snippets {
  /** For a POSIX shell. */
  awsCli: string;
  /** Go, by address. */
  minioGo: string;
  /** Go, by name: faults of DNS reach it. */
  minioGoByName: string;
  /** Of Tempo's config. */
  tempo: string;
}

export function snippetsFor(path: PathReport): Snippets {
  const { bucket, byAddress, caFile, credentials, dnsServer, endpoint, region } = path;
  const { accessKeyId, secretAccessKey } = credentials;
  const client = (address: string, transport: string) => `client, err := minio.New("${address}", &minio.Options{
	Creds:  credentials.NewStaticV4("${accessKeyId}", "${secretAccessKey}", ""),
	Region: "${region}",
	Secure: ${endpoint.secure},${transport}
})`;
  // Go's own variable: what is in it is trusted in place of the system's authorities.
  const trust = caFile === null ? '' : `// run it with SSL_CERT_FILE=${caFile}\n`;
  return {
    awsCli: [
      `export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey} AWS_REGION=${region}`,
      `export AWS_ENDPOINT_URL_S3=${byAddress.url}${caFile === null ? '' : ` AWS_CA_BUNDLE='${caFile}'`}`,
      `aws s3 cp FILE s3://${bucket}/`,
    ].join('\n'),
    minioGo: `${trust}${client(`${byAddress.host}:${byAddress.port}`, '')}`,
    minioGoByName: `${trust}resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, "${dnsServer.host}:${dnsServer.port}")
}}
transport, err := minio.DefaultTransport(${endpoint.secure})
transport.DialContext = (&net.Dialer{Resolver: resolver}).DialContext
${client(`${endpoint.host}:${endpoint.port}`, '\n\tTransport: transport,')}`,
    tempo: [
      'storage:',
      '  trace:',
      '    backend: s3',
      '    s3:',
      `      endpoint: ${byAddress.host}:${byAddress.port}`,
      `      bucket: ${bucket}`,
      `      region: ${region}`,
      `      access_key: ${accessKeyId}`,
      `      secret_key: ${secretAccessKey}`,
      `      insecure: ${!endpoint.secure}`,
      ...(caFile === null ? [] : [`      tls_ca_path: ${JSON.stringify(caFile)}`]),
      '      forcepathstyle: true',
    ].join('\n'),
  };
}
