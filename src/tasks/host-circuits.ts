export interface CircuitLimits {
  /** Failures in a row after which a host is left alone. */
  readonly failures: number;
  readonly pauseMs: number;
  /** Attempts in flight to one host. */
  readonly perHost: number;
}

interface Circuit {
  inFlight: number;
  failures: number;
  openUntilMs: number;
}

/** Keeps one dead or slow receiver from taking the attention that the others need. */
export class HostCircuits {
  private readonly circuits = new Map<string, Circuit>();

  constructor(private readonly limits: CircuitLimits) {}

  /** Hosts that get nothing now: left alone, or busy with as much as they may have. */
  closedTo(nowMs: number): readonly string[] {
    return [...this.circuits]
      .filter(
        ([, circuit]) => circuit.inFlight >= this.room(circuit) || circuit.openUntilMs > nowMs,
      )
      .map(([host]) => host);
  }

  /** When the next of them is tried again, undefined when none is left alone. */
  nextProbeAtMs(nowMs: number): number | undefined {
    const times = [...this.circuits.values()]
      .map((circuit) => circuit.openUntilMs)
      .filter((until) => until > nowMs);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  started(host: string): void {
    this.of(host).inFlight += 1;
  }

  /** @param isUp whether the host answered as a host in good health does */
  ended(host: string, isUp: boolean | undefined, nowMs: number): void {
    const circuit = this.of(host);
    circuit.inFlight -= 1;
    if (isUp === true) circuit.failures = 0;
    if (isUp === false) {
      circuit.failures += 1;
      if (circuit.failures >= this.limits.failures)
        circuit.openUntilMs = nowMs + this.limits.pauseMs;
    }
    if (circuit.inFlight === 0 && circuit.failures === 0) this.circuits.delete(host);
  }

  /** After the pause a single probe goes out, until one gets through. */
  private room(circuit: Circuit): number {
    return circuit.failures >= this.limits.failures ? 1 : this.limits.perHost;
  }

  private of(host: string): Circuit {
    const known = this.circuits.get(host);
    if (known) return known;
    const circuit = { inFlight: 0, failures: 0, openUntilMs: 0 };
    this.circuits.set(host, circuit);
    return circuit;
  }
}
