/** Longer than this without a turn, and the process is not ready, in milliseconds. */
const STALE_MS = 15_000;

/** Whether a loop that never ends still comes round; a turn that failed for a fault of ours is none. */
export class LoopLiveness {
  private lastTurnAt = performance.now();

  turned(): void {
    this.lastTurnAt = performance.now();
  }

  isAlive(): boolean {
    return performance.now() - this.lastTurnAt < STALE_MS;
  }
}
