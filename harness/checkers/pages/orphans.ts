import { folderOf } from '../example-history.ts';
import { exampleRun, finalReadAt } from './example-run.ts';
import type { CheckerPage } from './page.ts';

export const orphansPage: CheckerPage = {
  details: `
A multipart upload that is neither completed nor aborted keeps its parts. No reader and no listing of objects shows them, and S3 charges for them as for objects until they are removed. A client that aborts when an upload fails leaves none, unless the abort fails too; a process that is killed leaves what it had sent; Tempo's compactor aborts nothing.

The parts are counted when the run is over, with their bytes (of the config: compression undone) and what these cost in a month at Amazon's list price for S3 Standard in us-east-1 ($0.023 a GB of 2^30 bytes for the first 50 TB, as it has been since 1 December 2016). A lifecycle rule of the bucket clears them, whoever left them:

\`\`\`xml
<Rule><Status>Enabled</Status><Filter/><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>
\`\`\`

Without \`expect.orphanedParts\` or \`expect.orphanedBytes\` they are told and not judged.`,
  reads: {
    'final.upload': 'each upload that was left, with its parts and their bytes',
    'final.read': 'that the bucket was read to its end',
  },
  example: exampleRun({
    about: 'A client forgot to abort an upload that had failed, in a scenario that expects nothing to be left.',
    expect: { orphanedParts: 0 },
    events: [
      {
        t: finalReadAt + 1,
        type: 'final.upload',
        key: `${folderOf('steady')}data.parquet`,
        uploadId: 'upload-1',
        parts: 30,
        bytes: 30 * 64 * 1024 * 1024,
      },
    ],
  }),
  limits: [
    "The costs are a list price of one region and storage class: a contract, another region or another provider's S3 has its own.",
    'Compressed, a block has fewer parts than in truth, and the last of an upload is a larger share of it. Bytes are multiplied by the compression, parts are not.',
    'An upload that was under way when the run ended counts as left behind: its writer was stopped, as a deployment is.',
    'A MinIO that was started anew lists older uploads only by their exact key. Keys that no writer told of are not asked for.',
  ],
};
