/** Memory may be this many times what is asked for: a thumbnail leaves that of a photo to photos. */
const MAX_WASTE = 4;

/**
 * Memory of bodies that nobody needs any more, for those that come next. A photo of some megabytes
 * otherwise asks the system for new pages, which are cleared one by one: nearly 2 ms for a phone photo.
 *
 * What is given back is moved to an ArrayBuffer of its own: every view of the old one is empty from
 * then on, so that whoever held on to it never sees the next body.
 */
export class BodyMemory {
  /** What was given back last is at the end. */
  private kept: readonly ArrayBuffer[] = [];

  /** @param maxKeptBytes how much may lie idle, of all bodies together */
  constructor(private readonly maxKeptBytes: number) {}

  /** At least `length` bytes, with whatever they held before. */
  take(length: number): Buffer<ArrayBuffer> {
    const found = this.kept.findLast((one) => isFitting(one, length));
    if (!found) return Buffer.allocUnsafeSlow(length);
    this.kept = this.kept.filter((one) => one !== found);
    return Buffer.from(found);
  }

  /** Nobody may work on `bytes` any more; they and every other view of their memory are empty afterwards. */
  giveBack(bytes: Buffer<ArrayBuffer>): void {
    this.kept = [...this.kept, bytes.buffer.transfer()];
    while (totalOf(this.kept) > this.maxKeptBytes) {
      // Freed now, not at some garbage collection.
      this.kept[0]?.transfer(0);
      this.kept = this.kept.slice(1);
    }
  }
}

const totalOf = (memory: readonly ArrayBuffer[]): number =>
  memory.reduce((total, { byteLength }) => total + byteLength, 0);

const isFitting = ({ byteLength }: ArrayBuffer, length: number): boolean =>
  byteLength >= length && byteLength <= length * MAX_WASTE;
