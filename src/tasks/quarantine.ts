/** Lets one at a time in; a task that may kill the process must not take others with it. */
export class Quarantine {
  private tail: Promise<void> = Promise.resolve();

  /** Resolves when the others have left; the result leaves (again is no harm). */
  async enter(): Promise<() => void> {
    const before = this.tail;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.tail = promise;
    await before;
    return resolve;
  }
}
