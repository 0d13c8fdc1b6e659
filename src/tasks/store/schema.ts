/**
 * The tables, the same in both dialects. JSON is text (neither dialect looks inside), moments are
 * milliseconds since the Unix epoch, flags are 0 and 1.
 */
export interface TasksTable {
  id: string;
  kind: string;
  version: number;
  status: string;
  owner: string;
  input: string;
  /** JSON: the request that created it. */
  origin: string | null;
  /** Copied out of the input, for the list's filter. */
  initial_image_url: string | null;
  /** Same request, same fingerprint. */
  fingerprint: string;
  callback_url: string | null;
  result: string;
  warnings: string;
  calls: string;
  error: string | null;
  step: string | null;
  percent: number;
  /** Fencing token. */
  claim: number;
  /** Claims since the last recorded step: how often a process died over this task. */
  stalls: number;
  /** Process that holds the claim, null when nobody does. */
  worker: string | null;
  lease_until_ms: number | null;
  due_at_ms: number;
  last_seq: number;
  /** 1 until the working files of an ended task are known to be gone. */
  files_left: number;
  created_at_ms: number;
  started_at_ms: number | null;
  finished_at_ms: number | null;
}

export interface StepsTable {
  task_id: string;
  step: string;
  attempt: number;
  outcome: string;
  output: string;
  error_code: string | null;
  started_at_ms: number;
  finished_at_ms: number;
}

export interface EventsTable {
  task_id: string;
  seq: number;
  type: string;
  at_ms: number;
  data: string;
}

export interface IdempotencyKeysTable {
  owner: string;
  key: string;
  fingerprint: string;
  task_id: string;
  expires_at_ms: number;
}

/** The ledger of paid calls: `intended` is written before the call, the outcome after it. */
export interface ProviderCallsTable {
  task_id: string;
  step: string;
  claim: number;
  attempt: number;
  state: string;
  provider: string;
  operation: string;
  model: string;
  usd: number | null;
  started_at_ms: number;
  duration_ms: number;
}

export interface StepDurationsTable {
  kind: string;
  step: string;
  /** The last ones are kept in a ring. */
  slot: number;
  duration_ms: number;
}

export interface DeliveriesTable {
  id: string;
  task_id: string | null;
  url: string;
  /** JSON: the request whose outcome it tells. */
  origin: string | null;
  /** Host and port, for the circuit. */
  host: string;
  body: string;
  status: string;
  next_attempt_at_ms: number;
  /** Attempts made before an operator asked to send it again. */
  earlier_attempts: number;
  /** Process whose attempt is in flight. */
  worker: string | null;
  lease_until_ms: number | null;
  created_at_ms: number;
}

export interface DeliveryAttemptsTable {
  delivery_id: string;
  attempt: number;
  at_ms: number;
  status: number | null;
  latency_ms: number;
  reason: string;
}

export interface SchemaVersionTable {
  version: number;
  applied_at_ms: number;
}

export interface Schema {
  tasks: TasksTable;
  steps: StepsTable;
  events: EventsTable;
  idempotency_keys: IdempotencyKeysTable;
  provider_calls: ProviderCallsTable;
  step_durations: StepDurationsTable;
  deliveries: DeliveriesTable;
  delivery_attempts: DeliveryAttemptsTable;
  schema_version: SchemaVersionTable;
}
