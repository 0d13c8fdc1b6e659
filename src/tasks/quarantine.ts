interface Visitor {
  readonly isAlone: boolean;
  readonly enter: () => void;
}

/**
 * Keeps tasks apart that may kill the process. Those that were there when one process died come in
 * together; one that has its last chance has it alone, so that no other takes it along.
 */
export class Quarantine {
  private readonly waiting: Visitor[] = [];
  private inside = 0;
  private isClosed = false;

  /** Resolves when there is room, in the order of asking; the result leaves (again is no harm). */
  async enter(isAlone: boolean): Promise<() => void> {
    await new Promise<void>((enter) => {
      this.waiting.push({ isAlone, enter });
      this.admit();
    });
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.inside -= 1;
      this.isClosed = false;
      this.admit();
    };
  }

  private admit(): void {
    for (;;) {
      const [next] = this.waiting;
      if (!next || this.isClosed || (next.isAlone && this.inside > 0)) return;
      this.waiting.shift();
      this.inside += 1;
      this.isClosed = next.isAlone;
      next.enter();
    }
  }
}
