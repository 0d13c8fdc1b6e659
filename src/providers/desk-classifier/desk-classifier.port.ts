import { ProviderError } from '../../common/errors/errors.js';

export const DESK_CLASSIFIER = Symbol('DESK_CLASSIFIER');

/** Why a photo was not accepted; each one is decided by something that was measured. */
export const VERDICT_REASONS = [
  'no_desk',
  'too_dark',
  'blurred',
  'too_small',
  'screenshot',
] as const;

export type VerdictReason = (typeof VERDICT_REASONS)[number];

/** An object that the classifier sees in the photo. */
export interface ImageTag {
  /** English label of the model, for example `desktop computer`. */
  readonly label: string;
  /** 0 to 1. */
  readonly probability: number;
}

export interface DeskVerdict {
  readonly isDesk: boolean;
  /** Calibrated probability that the photo shows a desk, 0 to 1 (also when the verdict is no). */
  readonly confidence: number;
  /** Null for an accepted photo. */
  readonly reason: VerdictReason | null;
  /** `<name>@<version>` of the model that decided. */
  readonly model: string;
  /** Most probable first, at most 10. Empty when the model has no tag output. */
  readonly tags: readonly ImageTag[];
}

/** In pixels. */
export interface PhotoSize {
  readonly width: number;
  readonly height: number;
}

export interface DeskClassifierInfo {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly threshold: number;
  readonly inputWidth: number;
  readonly inputHeight: number;
}

export interface DeskClassifier {
  /**
   * Decides whether a photo shows a desk. Takes the encoded file (any format the decoder accepts),
   * applies its orientation tag and never blocks the event loop.
   *
   * @param size of the photo, where its header has been read already
   * @throws ImageError `image_unreadable` when the file cannot be decoded
   * @throws ProviderError `provider_unavailable` when the queue in front of the model is full
   */
  classify(image: Buffer, signal?: AbortSignal, size?: PhotoSize): Promise<DeskVerdict>;
  /** Null in a process that runs without a model. */
  info(): DeskClassifierInfo | null;
  /** True once the model is loaded and warm; what cannot be classified need not be downloaded. */
  isReady(): boolean;
  /**
   * Loads the model folder again, without dropping a photo: the old model answers until the new one is
   * warm. When the new one cannot be used, the old one stays.
   *
   * @throws ConfigurationError naming what is wrong with the new model
   */
  reload(): Promise<DeskClassifierInfo>;
}

/** When another instance may have been asked instead, in milliseconds. */
const RETRY_ELSEWHERE_MS = 10_000;

/** For a process that has no model, or whose threads have died. */
export const classifierUnavailable = (): ProviderError =>
  new ProviderError('provider_unavailable', 'This instance cannot classify photos.', {
    provider: 'onnx',
    operation: 'classify',
    retryAfterMs: RETRY_ELSEWHERE_MS,
    messageKo: '이 서버는 사진을 판정할 수 없습니다.',
  });
