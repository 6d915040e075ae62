/** `tempo-s3-chaos up`: a path to S3 for any client, until Ctrl-C. */
import type { Command } from 'commander';
import { evidenceWords, neverTookEffect } from '../report/evidence-words.ts';
import { jsonDocument } from '../report/json.ts';
import { type Paint, paintFor } from '../report/paint.ts';
import { upReport, upText } from '../report/up-report.ts';
import { printable } from '../report/wrap.ts';
import type { FaultReport } from '../up/protocol.ts';
import type { CommandContext } from './command-context.ts';
import { Interrupted } from './interruption.ts';
import { environmentOption } from './options.ts';
import { progressFor } from './progress-for.ts';
import { UsageError } from './usage-error.ts';

const example = `
Faults are injected from another terminal, with inject, heal and status, or
over the control API (docs/control-api.yaml). All listens on loopback alone.

Exit code: 0 ended by Ctrl-C, 1 something could not be healed or taken down,
2 a part of the path died, 3 could not come up.

Example:
  $ tempo-s3-chaos up --bucket tempo`;

export function addUpCommand(program: Command, { harness, terminal, interruption, end }: CommandContext): void {
  program
    .command('up')
    .description('bring a path to S3 up, for any client, until Ctrl-C; faults are injected from another terminal')
    .summary('a path to S3, for any client')
    .addOption(environmentOption())
    .option('--tls', 'TLS from the client to the gateway')
    .option('--limited-disk', 'data in memory, 4 GiB at most, so that server-disk-full can fill it')
    .option('--bucket <name>', 'the bucket that is made; named after the up unless given', readBucket)
    .option('--json', 'print one JSON document, once it is up')
    .addHelpText('after', example)
    .action(async ({ environment, tls, limitedDisk, bucket, json }: UpCommandOptions) => {
      const progress = progressFor(terminal);
      const paint = paintFor(terminal.stderr, terminal.environment);
      const log = (line: string) => {
        terminal.stderr.write(`${terminal.clock.date().toISOString().slice(11, 19)} ${printable(line)}\n`);
      };
      let ended: { died?: string } = {};
      try {
        ended = await interruption.during(
          (signal) =>
            harness.bringUp(
              {
                environment,
                secure: tls === true,
                limitedDisk: limitedDisk === true,
                ...(bucket !== undefined && { bucket }),
              },
              {
                preparing: (line) => progress.preparing(line),
                up(path, control) {
                  progress.close();
                  const report = upReport(path, control);
                  terminal.stdout.write(
                    json ? jsonDocument(report) : upText(report, paintFor(terminal.stdout, terminal.environment)),
                  );
                },
                injected: (fault) => log(injectedLine(fault)),
                ended: (fault, byItself) => log(endedLine(fault, byItself, paint)),
              },
              signal,
            ),
          (line) => terminal.stderr.write(`${line}\n`),
        );
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        // The way in which it is meant to end.
        if (error.cause === undefined) return end(0);
        terminal.stderr.write(
          `tempo-s3-chaos: not everything could be taken down: ${(error.cause as Error).message}\n`,
        );
        return end(1);
      } finally {
        progress.close();
      }
      terminal.stderr.write(
        `tempo-s3-chaos: ${printable(String(ended.died))}; the rest was taken down\n  remedy: bring it up again\n`,
      );
      end(2);
    });
}

interface UpCommandOptions {
  environment: 'auto' | 'native' | 'docker';
  tls?: true;
  limitedDisk?: true;
  bucket?: string;
  json?: true;
}

/** S3's rules for names, without dots: they would not fit a certificate for virtual-host addressing. */
function readBucket(value: string): string {
  if (/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(value)) return value;
  throw new UsageError(
    `--bucket "${value}" is no name of a bucket`,
    'write 3 to 63 of a-z, 0-9 and hyphens, no hyphen first or last, such as --bucket tempo',
  );
}

function injectedLine({ id, healsAt }: FaultReport): string {
  return `${id} is in force${healsAt === null ? '' : ` until ${healsAt.slice(11, 19)}`}`;
}

function endedLine(fault: FaultReport, byItself: boolean, paint: Paint): string {
  if (fault.state === 'heal-failed') return paint('red', `${fault.id} COULD NOT BE HEALED: ${fault.error}`);
  const line = `${fault.id} is healed${byItself ? ', its time is over' : ''}: ${evidenceWords(fault)}`;
  return neverTookEffect(fault) ? paint('yellow', line) : line;
}
