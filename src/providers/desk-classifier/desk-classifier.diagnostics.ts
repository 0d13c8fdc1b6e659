import { Occurrence } from '../../common/telemetry/occurrence.js';
import { Operation } from '../../common/telemetry/operation.js';
import { type DeskVerdict } from './desk-classifier.port.js';

/** `request`: `/classify`; `task`: the photo of a task; `result`: the picture that was drawn. */
export type ClassifyUse = 'request' | 'task' | 'result';

export const CLASSIFY_PHASES = ['fetch', 'wait', 'decode', 'infer', 'second_look'] as const;

/**
 * `wait` is for a free CPU; `infer` includes the wait for a thread of the model; `second_look` is the
 * decoding and judging of a doubtful photo's parts.
 */
export type ClassifyPhase = (typeof CLASSIFY_PHASES)[number];

export const classifications = new Operation<{ readonly use: ClassifyUse }, DeskVerdict>(
  'desk-ai.classify',
);

export const classifyPhases = new Operation<{ readonly phase: ClassifyPhase }>(
  'desk-ai.classify.phase',
);

/** A photo that was refused because others wait already, at the door or in front of the model. */
export const shedPhotos = new Occurrence<{ readonly at: 'admission' | 'model' }>(
  'desk-ai.classify.shed',
);
