import { type DeskClassifier } from '../../providers/desk-classifier/desk-classifier.port.js';
import { failed, type HealthCheck, ok } from '../health-check.js';

/** Loaded, and its threads are alive. No photo is classified: a long queue is no illness. */
export const classifierCheck = (classifier: DeskClassifier, timeoutMs: number): HealthCheck => ({
  name: 'classifier',
  scope: 'instance',
  whenLate: 'busy',
  timeoutMs,
  run() {
    const info = classifier.info();
    // Told apart from an illness: a process with ROLE=api may be without it.
    if (!info) return ok({ model: null, note: 'No model here: /classify is answered with 503.' });
    if (!classifier.isReady()) return failed('The desk classifier is not running.');
    return ok({ model: `${info.name}@${info.version}` });
  },
});
