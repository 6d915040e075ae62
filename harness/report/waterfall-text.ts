/** Where the time of one flush went, as a table: the largest piece first. The pieces sum to the time that the flush took. */
import { sayDuration, sayMoment } from '../checkers/config-time.ts';
import { counted, percent } from '../checkers/counted.ts';
import type { Piece } from '../verdict/attribution/piece.ts';
import type { Waterfall } from '../verdict/attribution/waterfall.ts';
import { sidesInWords } from './blame-words.ts';
import { rowsGrid } from './grid.ts';
import { wrap } from './wrap.ts';

const pieceWords: Record<Piece, string> = {
  pool: 'waiting for a connection of the pool',
  dns: 'looking the name up',
  connect: 'connecting',
  tls: 'TLS handshakes',
  disk: 'reading the local disk',
  way: 'requests on their way to S3',
  uplink: 'held back by a shared uplink',
  s3: 'S3 had the request',
  answer: 'answers on their way back',
  backoff: 'waiting between attempts',
  cpu: "the writer's process did not run",
  writer: "the writer's own work",
};

const BAR = 24;

export function waterfallText(waterfall: Waterfall, width: number): string {
  const { startedAt, durationMs, queuedMs, deadlineExceeded, attempts, rows, blame, error } = waterfall;
  const ended = deadlineExceeded
    ? 'its deadline ended it'
    : waterfall.outcome === 'ok'
      ? 'it went through'
      : 'it failed';
  const sent = `${counted(attempts.sent, 'request')} sent, ${attempts.failed} failed`;
  const waited = queuedMs < 1 ? '' : `, ${sayDuration(queuedMs)} after it could have`;
  const whole = `It began at ${sayMoment(startedAt)}${waited}; after ${sayDuration(durationMs)} ${ended}; ${sent}.`;
  const lines = [wrap(error === undefined ? whole : `${whole} Tempo logs: ${error}`, width, '    ')];
  const table = [...rows]
    .sort((a, b) => b.ms - a.ms)
    .map(({ piece, ms, usualMs }) => [
      `    ${pieceWords[piece]}`,
      sayDuration(ms),
      percent(durationMs > 0 ? ms / durationMs : 0),
      '#'.repeat(Math.round((ms / Math.max(1, durationMs)) * BAR)),
      usualMs >= 1 ? `usual: ${sayDuration(usualMs)}` : '',
    ]);
  if (table.length > 0) lines.push(rowsGrid([...table, ['    in all', sayDuration(durationMs), '', '', '']]));
  if (blame.causes.length > 0)
    lines.push(
      wrap(
        `Lost by it, with the wait that follows a failure: ${sayDuration(blame.lostMs)}, due to ${sidesInWords(blame)}.`,
        width,
        '    ',
      ),
    );
  return lines.join('\n');
}
