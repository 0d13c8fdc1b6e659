import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

import { cacheLookups } from '../../common/telemetry/cache-lookups.js';
import { secondsSince } from '../../common/telemetry/operation.js';
import { outcomeOf } from '../../common/telemetry/outcome.js';
import {
  classifications,
  CLASSIFY_PHASES,
  classifyPhases,
  shedPhotos,
} from '../../providers/desk-classifier/desk-classifier.diagnostics.js';
import { photoDownloads } from '../../providers/image-source/image-source.diagnostics.js';
import { type Meter, REQUEST_BUCKETS, SIZE_BUCKETS, type Unwatch } from './meter.js';

/** Verdicts, where their time goes, and photos that come in. */
export class ClassifyMeter implements Meter {
  private readonly verdicts;
  private readonly duration;
  private readonly phases;
  private readonly inPhase;
  private readonly shed;
  private readonly lookups;
  private readonly downloads;
  private readonly downloadDuration;
  private readonly downloadSize;

  constructor(registry: Registry) {
    const registers = [registry];
    this.verdicts = new Counter({
      name: 'deskai_classifications_total',
      help: 'Photos that were judged: `desk`, the reason of a no, or `error`; by who asked (`request`, `task`, `result`).',
      labelNames: ['use', 'verdict'],
      registers,
    });
    this.duration = new Histogram({
      name: 'deskai_classify_duration_seconds',
      help: 'Time to a verdict; for `request` with the download and the wait.',
      labelNames: ['use'],
      buckets: REQUEST_BUCKETS,
      registers,
    });
    this.phases = new Histogram({
      name: 'deskai_classify_phase_duration_seconds',
      help: 'Time of the parts of a verdict: fetch, wait (for a CPU), decode, infer, second_look.',
      labelNames: ['phase'],
      buckets: REQUEST_BUCKETS,
      registers,
    });
    this.inPhase = new Gauge({
      name: 'deskai_classify_phase_in_progress',
      help: 'Photos that are in each part now; `wait` is the queue.',
      labelNames: ['phase'],
      registers,
    });
    this.shed = new Counter({
      name: 'deskai_classify_shed_total',
      help: 'Photos that were refused because too many waited, at the door or in front of the model.',
      labelNames: ['at'],
      registers,
    });
    this.lookups = new Counter({
      name: 'deskai_cache_lookups_total',
      help: 'Lookups by cache and result.',
      labelNames: ['cache', 'result'],
      registers,
    });
    this.downloads = new Counter({
      name: 'deskai_photo_downloads_total',
      help: 'Downloads of photos by outcome: `ok` or an error code.',
      labelNames: ['outcome'],
      registers,
    });
    this.downloadDuration = new Histogram({
      name: 'deskai_photo_download_duration_seconds',
      help: 'Time of a download, redirects included.',
      buckets: REQUEST_BUCKETS,
      registers,
    });
    this.downloadSize = new Histogram({
      name: 'deskai_photo_download_size_bytes',
      help: 'Size of the photos that were downloaded.',
      buckets: SIZE_BUCKETS,
      registers,
    });
    // Series that a rate can be taken of from the first one on.
    for (const at of ['admission', 'model']) this.shed.inc({ at }, 0);
    for (const phase of CLASSIFY_PHASES) this.inPhase.set({ phase }, 0);
  }

  watch(): readonly Unwatch[] {
    return [
      classifications.watch({
        ended: ({ context: { use }, startedAt, result }) => {
          const verdict = result ? (result.reason ?? 'desk') : 'error';
          this.verdicts.inc({ use, verdict });
          this.duration.observe({ use }, secondsSince(startedAt));
        },
      }),
      this.watchPhases(),
      shedPhotos.watch(({ at }) => this.shed.inc({ at })),
      cacheLookups.watch(({ cache, isHit }) =>
        this.lookups.inc({ cache, result: isHit ? 'hit' : 'miss' }),
      ),
      photoDownloads.watch({
        ended: (run) => {
          this.downloads.inc({ outcome: outcomeOf(run) });
          this.downloadDuration.observe(secondsSince(run.startedAt));
          if (run.result) this.downloadSize.observe(run.result.length);
        },
      }),
    ];
  }

  /** The only ones on the way of every photo that are worth binding beforehand. */
  private watchPhases(): Unwatch {
    const bound = new Map(
      CLASSIFY_PHASES.map((phase) => [
        phase,
        { gauge: this.inPhase.labels(phase), histogram: this.phases.labels(phase) },
      ]),
    );
    return classifyPhases.watch({
      started: ({ context: { phase } }) => bound.get(phase)?.gauge.inc(),
      ended: ({ context: { phase }, startedAt }) => {
        bound.get(phase)?.gauge.dec();
        bound.get(phase)?.histogram.observe(secondsSince(startedAt));
      },
    });
  }
}
