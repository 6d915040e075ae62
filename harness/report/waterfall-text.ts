/** Where the time of one flush went, as a table: the largest piece first. The pieces sum to the time that the flush took. */
import { sayDuration, sayMoment } from '../checkers/config-time.ts';
import { counted, percent } from '../checkers/counted.ts';
import type { Piece } from '../verdict/attribution/piece.ts';
import type { Waterfall } from '../verdict/attribution/waterfall.ts';
import { sidesInWords } from './blame-words.ts';
import { rowsGrid } from './grid.ts';
import { wrap } from './wrap.ts';

const pieceWords: Record<Piece, string> = {
  completing: 'completing the block',
  pool: 'waiting for a connection of the pool',
  dns: 'looking the name up',
  connect: 'connecting',
  tls: 'TLS handshakes',
  disk: 'reading the local disk',
  way: 'requests on their way to S3',
  uplink: 'held back by a shared uplink',
  s3: 'S3 had the request',
  answer: 'answers on their way back',
  // After the last of them too, as minio-go does.
  backoff: 'waiting after a failed attempt',
  cpu: "the writer's process did not run",
  writer: "the writer's own work",
};

const MOST_BAR = 24;
const LEAST_BAR = 4;
/** Beside the bar, and before the durations: two each. */
const BETWEEN_COLUMNS = 6;
/** Pieces with less than this of the time are summed up. */
const LEAST_SHARE = 0.005;

export function waterfallText(waterfall: Waterfall, width: number): string {
  const { startedAt, durationMs, completing, queuedMs, deadlineExceeded, attempts, rows, blame, error } = waterfall;
  const ended = deadlineExceeded
    ? 'flush_op_timeout ended it'
    : waterfall.outcome === 'ok'
      ? 'it went through'
      : 'it failed';
  const sent = `${counted(attempts.sent, 'request')} sent, ${attempts.failed} failed`;
  const waited = queuedMs < 1 ? '' : `, ${sayDuration(queuedMs)} after it could have`;
  const late = completing.ms - completing.usualMs >= 1;
  const completed = late
    ? ` Before it, completing the block (WAL to local block) took ${sayDuration(completing.ms)}, usual: ${sayDuration(completing.usualMs)}.`
    : '';
  const whole = `It began at ${sayMoment(startedAt)}${waited}; after ${sayDuration(durationMs)} ${ended}; ${sent}.${completed}`;
  const lines = [wrap(error === undefined ? whole : `${whole} Tempo logs: ${error}`, width, '    ')];
  if (rows.length > 0) lines.push(pieces(rows, durationMs, width));
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

function pieces(rows: Waterfall['rows'], durationMs: number, width: number): string {
  const shareOf = (ms: number) => (durationMs > 0 ? ms / durationMs : 0);
  const sorted = [...rows].sort((a, b) => b.ms - a.ms);
  const small = sorted.filter(({ ms }) => shareOf(ms) < LEAST_SHARE);
  const told = small.length > 1 ? sorted.slice(0, -small.length) : sorted;
  const row = (words: string, ms: number, usualMs = 0) => ({
    words: `    ${words}`,
    ms,
    cells: [sayDuration(ms), percent(shareOf(ms))],
    usual: usualMs >= 1 ? `usual: ${sayDuration(usualMs)}` : '',
  });
  const table = told.map(({ piece, ms, usualMs }) => row(pieceWords[piece], ms, usualMs));
  if (told.length < sorted.length)
    table.push(
      row(
        'less than 1 % each',
        small.reduce((sum, { ms }) => sum + ms, 0),
      ),
    );
  const widest = (of: (one: (typeof table)[number]) => string) => Math.max(...table.map((one) => of(one).length));
  const others = widest(({ words }) => words) + widest(({ cells }) => cells.join('  ')) + widest(({ usual }) => usual);
  const bar = Math.max(LEAST_BAR, Math.min(MOST_BAR, width - others - BETWEEN_COLUMNS));
  return rowsGrid([
    ...table.map(({ words, ms, cells, usual }) => [words, ...cells, '#'.repeat(Math.round(shareOf(ms) * bar)), usual]),
    ['    in all', sayDuration(durationMs), '', '', ''],
  ]);
}
