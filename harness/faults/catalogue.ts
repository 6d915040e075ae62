/** Every fault there is. A new one is a file beside this, and a line here. */

import { bandwidth } from './bandwidth.ts';
import { clockSkew } from './clock-skew.ts';
import { complete200Error } from './complete-200-error.ts';
import { connectHang } from './connect-hang.ts';
import { connectionRefused } from './connection-refused.ts';
import { connectionReset } from './connection-reset.ts';
import { corruptBody } from './corrupt-body.ts';
import { cutAfter } from './cut-after.ts';
import { diskError } from './disk-error.ts';
import { diskFull } from './disk-full.ts';
import { diskSlow } from './disk-slow.ts';
import { dnsFailure } from './dns-failure.ts';
import { dnsSlow } from './dns-slow.ts';
import { dnsStale } from './dns-stale.ts';
import { dnsTruncated } from './dns-truncated.ts';
import type { EffectChecks } from './effect.ts';
import { expiredToken } from './expired-token.ts';
import type { FaultDefinition } from './fault.ts';
import { flapping } from './flapping.ts';
import { latency } from './latency.ts';
import { lostAnswer } from './lost-answer.ts';
import { neverAnswer } from './never-answer.ts';
import { noSuchUpload } from './no-such-upload.ts';
import { partialOutage } from './partial-outage.ts';
import { powerLoss } from './power-loss.ts';
import { redirect } from './redirect.ts';
import { rollingRestart } from './rolling-restart.ts';
import { s3Error } from './s3-error.ts';
import { serverDiskFull } from './server-disk-full.ts';
import { serverDown } from './server-down.ts';
import { serverPause } from './server-pause.ts';
import { serverRestart } from './server-restart.ts';
import { serverThrottled } from './server-throttled.ts';
import { sharedBandwidth } from './shared-bandwidth.ts';
import { slicer } from './slicer.ts';
import { slowClose } from './slow-close.ts';
import { slowFirstByte } from './slow-first-byte.ts';
import { slowdownRate } from './slowdown-rate.ts';
import { stall } from './stall.ts';
import { tlsCertificate } from './tls-certificate.ts';
import { tlsHandshake } from './tls-handshake.ts';
import { truncatedAnswer } from './truncated-answer.ts';
import { writerCrash } from './writer-crash.ts';
import { writerPause } from './writer-pause.ts';

export const faults: readonly FaultDefinition[] = [
  latency,
  bandwidth,
  sharedBandwidth,
  connectionReset,
  stall,
  slowClose,
  slicer,
  cutAfter,
  connectionRefused,
  connectHang,
  flapping,
  tlsHandshake,
  tlsCertificate,
  dnsFailure,
  dnsSlow,
  dnsStale,
  dnsTruncated,
  s3Error,
  slowdownRate,
  lostAnswer,
  neverAnswer,
  slowFirstByte,
  truncatedAnswer,
  complete200Error,
  noSuchUpload,
  clockSkew,
  expiredToken,
  corruptBody,
  redirect,
  partialOutage,
  serverPause,
  serverRestart,
  serverDown,
  serverDiskFull,
  serverThrottled,
  diskFull,
  diskSlow,
  diskError,
  writerPause,
  writerCrash,
  powerLoss,
  rollingRestart,
];

export const faultNames: readonly string[] = faults.map(({ name }) => name);

/** @throws RangeError when there is no such fault. */
export function faultNamed(name: string): FaultDefinition {
  const found = faults.find((fault) => fault.name === name);
  if (!found) throw new RangeError(`no fault is named ${name}: there are ${faultNames.join(', ')}`);
  return found;
}

/** How the effect of each is seen in a history. */
export const effects: EffectChecks = Object.fromEntries(faults.map(({ name, effect }) => [name, effect]));
