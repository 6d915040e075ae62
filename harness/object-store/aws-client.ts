/** The AWS SDK's S3 client as the harness wants it: nothing from the machine's own AWS settings, and not a word printed. */
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

const silent = () => {};

/** @param config what differs; `endpoint`, `region` and `credentials` are needed. */
export function quietS3Client(config: S3ClientConfig): S3Client {
  // On Node 20 it warns of versions to come, once in each process, unless this says that one knows.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  return new S3Client({
    // Tempo sends no checksums and checks none; MinIO is asked for what it was given.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    // minio-go, and so Tempo, does not set its clock by the answers of S3.
    disableClockSkewCorrection: true,
    // What is not said here is looked for in the environment and in ~/.aws.
    defaultsMode: 'standard',
    retryMode: 'standard',
    authSchemePreference: ['sigv4'],
    disableS3ExpressSessionAuth: true,
    useArnRegion: false,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: async () => undefined,
    logger: { trace: silent, debug: silent, info: silent, warn: silent, error: silent },
    ...config,
  });
}
