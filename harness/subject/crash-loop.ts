/**
 * When a writer that could not start is started again: as a kubelet does with `restartPolicy: Always`, the one there is in a StatefulSet
 * (Kubernetes documentation, Pod Lifecycle, "How Pods handle problems with containers": a delay of 10 s that doubles up to 5 minutes, and
 * begins anew once the container has run for 10 minutes). systemd waits a fixed `RestartSec`, 100 ms unless told, and gives up after
 * five starts in 10 s (systemd.service(5), systemd.unit(5)): who runs Tempo with it sets both.
 */

/** Milliseconds, compressed. */
export interface CrashLoopTimes {
  /** The wait after the first start that failed; each next one is twice as long. */
  first: number;
  /** The longest. */
  longest: number;
  /** One that ran so long begins anew. */
  forgottenAfter: number;
}

/** In the config's time. */
export const kubeletCrashLoop: Readonly<CrashLoopTimes> = { first: 10_000, longest: 300_000, forgottenAfter: 600_000 };

/** Of one writer, through all its starts. */
export class CrashLoop {
  readonly #times: CrashLoopTimes;
  #next: number;

  constructor(times: CrashLoopTimes) {
    this.#times = times;
    this.#next = times.first;
  }

  /** A start failed: milliseconds until the next. */
  wait(): number {
    const wait = this.#next;
    this.#next = Math.min(this.#times.longest, wait * 2);
    return wait;
  }

  /** It ended after it had run for so many milliseconds. */
  ran(ms: number): void {
    if (ms >= this.#times.forgottenAfter) this.forget();
  }

  /** It was stopped on purpose, as a rollout does: what follows is another pod. */
  forget(): void {
    this.#next = this.#times.first;
  }
}
