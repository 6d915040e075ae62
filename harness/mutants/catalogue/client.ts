/** Bugs of the S3 client and its policy: attempts, waits, uploads in parts, and what an answer means. */
import type { MutantOfRun } from '../mutant.ts';

export const clientMutants: readonly MutantOfRun[] = [
  {
    name: 'tenth-failure-believed',
    what: 'A request whose last attempt failed counts as done.',
    edits: [
      {
        file: 'harness/object-store/tempo-requests.ts',
        find: 'if (turn === policy.attempts) throw ended.error;',
        replace: 'if (turn === policy.attempts) return undefined as T;',
      },
    ],
    scenario: 'outage.yaml',
    client: 'minio',
    caughtBy: 'durability',
  },
  {
    name: 'empty-body-resent',
    what: 'A request that is tried again sends its body from where the first attempt had read it to: nothing.',
    edits: [
      {
        file: 'harness/object-store/tempo-object-store.ts',
        find: 'this.#operations.putObject(key, body, context),',
        replace: 'this.#operations.putObject(key, context.attempt > 1 ? body.slice(0, 0) : body, context),',
      },
    ],
    scenario: 'unavailable.yaml',
    client: 'aws-sdk',
    caughtBy: 'durability',
  },
  {
    name: 'error-in-200-believed',
    what: 'A CompleteMultipartUpload that is answered 200 with an error inside counts as done.',
    edits: [
      {
        file: 'harness/object-store/s3-answer.ts',
        find: 'const hidden = mayHideError(operation) && document !== undefined;',
        replace: 'const hidden = false;',
      },
      {
        file: 'harness/object-store/minio.ts',
        find: "const answer = await readXml(response, 'CompleteMultipartUploadResult');",
        replace: "await text(response);\n return { etag: '' };",
      },
      {
        file: 'harness/object-store/minio.ts',
        find: "present('Bucket', childText(answer, 'Bucket'));\n        return { etag: childText(answer, 'ETag') ?? '' };",
        replace: '',
      },
    ],
    scenario: 'complete-200-error',
    client: 'minio',
    caughtBy: 'durability',
  },
  {
    name: 'last-part-short',
    what: 'The last part of an upload lacks a byte.',
    edits: [
      {
        file: 'harness/object-store/tempo-object-store.ts',
        find: 'body: body.slice(start, Math.min(start + partSize, body.size)) };',
        replace: 'body: body.slice(start, Math.min(start + partSize, body.size - 1)) };',
      },
    ],
    scenario: 'one-connection',
    client: 'minio',
    caughtBy: 'durability',
  },
  {
    name: 'parts-out-of-order',
    what: 'An upload is completed with its parts in the reverse order.',
    edits: [
      {
        file: 'harness/object-store/tempo-object-store.ts',
        find: 'uploaded.sort((a, b) => a.partNumber - b.partNumber)',
        replace: 'uploaded.sort((a, b) => b.partNumber - a.partNumber)',
      },
    ],
    scenario: 'one-connection',
    client: 'aws-sdk',
    caughtBy: 'steady-state',
    says: 'inconclusive',
  },
  {
    name: 'abort-forgotten',
    what: 'An upload that failed is not aborted, and its parts stay.',
    edits: [
      {
        file: 'harness/object-store/tempo-object-store.ts',
        find: 'await this.#abort(key, uploadId, signal);\n      if',
        replace: 'if',
      },
    ],
    scenario: 'completion-refused.yaml',
    client: 'minio',
    caughtBy: 'orphans',
  },
  {
    name: 'no-backoff',
    what: 'A request is tried again at once.',
    edits: [
      {
        file: 'harness/object-store/backoff.ts',
        find: 'return Math.min(policy.backoffCap, policy.backoffUnit * 2 ** (attempt - 1)) * (1 - jitter);',
        replace: 'return 0;',
      },
    ],
    scenario: 'outage.yaml',
    client: 'minio',
    caughtBy: 'retry-storm',
  },
  {
    name: 'no-jitter',
    what: 'The wait between attempts has no jitter, so that writers that failed together try again together.',
    edits: [{ file: 'harness/object-store/backoff.ts', find: '* (1 - jitter);', replace: ';' }],
    scenario: 'outage.yaml',
    client: 'minio',
    caughtBy: 'retry-storm',
  },
  {
    name: 'denied-retried',
    what: 'A 403 is tried again, as if it would pass.',
    edits: [
      {
        file: 'harness/object-store/retryable.ts',
        find: 'new Set([408, 429,',
        replace: 'new Set([403, 408, 429,',
      },
    ],
    scenario: 'denied.yaml',
    client: 'minio',
    caughtBy: 'amplification',
  },
  {
    name: 'not-implemented-retried',
    what: 'Every 5xx is tried again, those too that will never pass.',
    edits: [
      {
        file: 'harness/object-store/retryable.ts',
        find: 'return isRetryableStatus(error.status) ||',
        replace: 'return error.status >= 500 || isRetryableStatus(error.status) ||',
      },
    ],
    scenario: 'not-implemented.yaml',
    client: 'aws-sdk',
    caughtBy: 'amplification',
  },
  {
    name: 'unavailable-not-retried',
    what: 'A 503 is not tried again, so that the whole flush fails for it.',
    edits: [{ file: 'harness/object-store/retryable.ts', find: '500, 502, 503, 504,', replace: '500, 502, 504,' }],
    scenario: 'unavailable.yaml',
    client: 'minio',
    caughtBy: 'visible-within',
  },
  {
    name: 'no-header-timeout',
    what: 'The client waits for an answer without end.',
    edits: [
      {
        file: 'harness/object-store/exchange.ts',
        find: 'cancelTimeout = clock.after(options.responseHeaderTimeout, () => {',
        replace: 'cancelTimeout = clock.after(options.responseHeaderTimeout * 100, () => {',
      },
    ],
    scenario: 'unanswered.yaml',
    client: 'minio',
    caughtBy: 'visible-within',
  },
  {
    name: 'attempt-ids-not-sent',
    what: 'The client sends no attempt ids, so that what it saw and what the gateway saw cannot be brought together.',
    edits: [
      {
        file: 'harness/object-store/transport.ts',
        find: '{ ...request.headers, [attemptHeader]: id }',
        replace: 'request.headers',
      },
    ],
    scenario: 'healthy',
    client: 'minio',
    caughtBy: 'history-whole',
    says: 'inconclusive',
  },
  {
    name: 'dns-answer-kept',
    what: 'The resolver keeps an answer for ever, where Tempo looks a name up for each connection.',
    edits: [
      {
        file: 'harness/dns/shared-lookup.ts',
        find: 'if (running.get(name) === lookup) running.delete(name);',
        replace: 'if (running.get(name) === lookup && lookup.ending.signal.aborted) running.delete(name);',
      },
    ],
    scenario: 'dns-down',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
];
