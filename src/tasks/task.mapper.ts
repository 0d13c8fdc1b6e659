import { type TaskHandlers } from './task-handler.js';
import { hasEnded, type JsonObject, type Task } from './task.js';

export interface TaskEstimate {
  readonly queuePosition: number | null;
  readonly etaSeconds: number | null;
}

const NO_ESTIMATE: TaskEstimate = { queuePosition: null, etaSeconds: null };

/** Sum of the known prices; null as soon as one call's price is not known, never 0 for an unknown one. */
const totalUsd = (calls: Task['calls']): number | null =>
  calls.some((call) => call.usd === null)
    ? null
    : Number(calls.reduce((sum, call) => sum + (call.usd ?? 0), 0).toFixed(6));

/** The task as clients read it: in answers, in `GET /tasks/{id}` and in callbacks alike. */
export class TaskMapper {
  constructor(private readonly handlers: TaskHandlers) {}

  toResource(task: Task, estimate: TaskEstimate = NO_ESTIMATE): JsonObject {
    return {
      task_id: task.id,
      kind: task.kind,
      status: task.status,
      progress: {
        step: task.step,
        percent: task.percent,
        queue_position: estimate.queuePosition,
        eta_seconds: hasEnded(task.status) ? null : estimate.etaSeconds,
      },
      // A kind that this version no longer knows keeps what all kinds have in common.
      ...this.handlers.find(task.kind)?.toResource(task),
      warnings: [...task.warnings],
      error: task.error && {
        code: task.error.code,
        message: task.error.message,
        details: task.error.details,
      },
      cost: {
        usd: totalUsd(task.calls),
        calls: task.calls.map((call) => ({
          provider: call.provider,
          operation: call.operation,
          model: call.model,
          usd: call.usd,
          duration_ms: call.durationMs,
        })),
      },
      created_at: task.createdAt.toISOString(),
      started_at: task.startedAt?.toISOString() ?? null,
      finished_at: task.finishedAt?.toISOString() ?? null,
    };
  }
}
