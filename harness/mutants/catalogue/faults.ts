/** Bugs of the faults and of the places where they act: they are not in force, have no effect, or never end. */
import type { Mutant } from '../mutant.ts';

export const faultMutants: readonly Mutant[] = [
  {
    name: 'counts-and-does-nothing',
    what: 'A fault of S3 counts each request as hit, and sends it on to MinIO as if nothing were.',
    edits: [
      {
        file: 'harness/gateway/answer-error.ts',
        find: "if (when === 'before-body') exchange.ignoreBody(answer);",
        replace: "fired();\n exchange.forward();\n return;\n if (when === 'before-body') exchange.ignoreBody(answer);",
      },
    ],
    scenario: 'outage.yaml',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'matches-nothing',
    what: 'No request matches a rule of the gateway.',
    edits: [
      {
        file: 'harness/gateway/request-match.ts',
        find: '(this.#match.operations?.includes(operation) ?? true) &&',
        replace: 'this.#match.operations?.includes(key as never) === true &&',
      },
    ],
    scenario: 'outage.yaml',
    client: 'aws-sdk',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'rule-outlives-its-heal',
    what: 'A rule that is healed is told to be gone, and goes on acting.',
    edits: [{ file: 'harness/gateway/rules.ts', find: 'this.#installed.delete(rule);', replace: '' }],
    scenario: 'late.yaml',
    client: 'minio',
    caughtBy: 'path-healed',
  },
  {
    name: 'heal-forgotten',
    what: 'The gateway answers that a rule is removed, and keeps it.',
    edits: [
      {
        file: 'harness/gateway/route-rules.ts',
        find: 'const evidence = this.#placeOf(rule).remove(rule);\n    this.#places.delete(rule);',
        replace: 'const evidence = this.#placeOf(rule).evidence(rule);',
      },
    ],
    scenario: 'outage.yaml',
    client: 'minio',
    caughtBy: 'path-healed',
  },
  {
    name: 'toxic-not-removed',
    what: 'The toxic of a fault of the network is not taken off the proxy.',
    edits: [
      {
        file: 'harness/faults/toxics.ts',
        find: 'put.map((name) => lease.proxy.removeToxic(name))',
        replace: 'put.map(async () => {})',
      },
    ],
    scenario: 'regional-latency',
    client: 'minio',
    caughtBy: 'path-healed',
  },
  {
    name: 'toxic-without-effect',
    what: 'A toxic is added with all of its numbers 0.',
    edits: [
      {
        file: 'harness/faults/toxics.ts',
        find: 'type, stream, attributes });',
        replace: 'type, stream, attributes: Object.fromEntries(Object.keys(attributes).map((key) => [key, 0])) });',
      },
    ],
    scenario: 'regional-latency',
    client: 'aws-sdk',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'gateway-tries-again',
    what: 'The gateway sends a request that a fault refuses on to MinIO by itself, so that no client sees the fault.',
    edits: [
      {
        file: 'harness/gateway/s3-edge.ts',
        find: 'if (judgement) judgement.act(exchange);',
        replace: 'if (judgement) exchange.ruledBy(() => judgement.rule);\n if (false) judgement?.act(exchange);',
      },
    ],
    scenario: 'unavailable.yaml',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'dns-answers-rightly',
    what: 'The DNS fault counts a query as hit, and gives the right answer.',
    edits: [
      {
        file: 'harness/dns/zone.ts',
        find: "return { reply: withoutRecords('SERVFAIL') };",
        replace: 'return { reply: usual };',
      },
    ],
    scenario: 'dns-down',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'healed-at-once',
    what: 'A fault is healed as soon as it is injected.',
    edits: [
      {
        file: 'harness/scenario/timeline.ts',
        find: "await elapsed(clock.sleep(compression.duration(entry.for, 'for'), signal));",
        replace: '',
      },
    ],
    scenario: 'outage.yaml',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'fault-left-out',
    what: 'The last fault of a timeline is never injected.',
    edits: [
      {
        file: 'harness/scenario/timeline.ts',
        find: 'entries.map(async (entry, index) => {',
        replace: 'entries.slice(0, -1).map(async (entry, index) => {',
      },
    ],
    scenario: 'retries-matter',
    client: 'minio',
    caughtBy: 'fault-fired',
    says: 'inconclusive',
  },
  {
    name: 'ids-not-stripped',
    what: 'The gateway sends the attempt ids on to MinIO.',
    edits: [
      {
        file: 'harness/gateway/exchange.ts',
        find: 'endToEnd(rawHeaders, attemptHeader)',
        replace: "endToEnd(rawHeaders, 'x-no-header')",
      },
    ],
    scenario: 'healthy',
    client: 'minio',
    caughtBy: 'history-whole',
    uncaught: 'MinIO ignores the header, and tells nobody of it. `suites/transparency.suite.ts` compares what arrives.',
  },
];
