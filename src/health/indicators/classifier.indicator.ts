import { type DeskClassifier } from '../../providers/desk-classifier/desk-classifier.port.js';
import { failed, type HealthCheck, ok } from '../health-check.js';

/** Loaded, and its threads are alive. No photo is classified: a long queue is no illness. */
export const classifierCheck = (classifier: DeskClassifier, timeoutMs: number): HealthCheck => ({
  name: 'classifier',
  scope: 'instance',
  whenLate: 'busy',
  timeoutMs,
  run() {
    if (!classifier.isReady()) return failed('The desk classifier is not running.');
    const { name, version } = classifier.info();
    return ok({ model: `${name}@${version}` });
  },
});
