export const IMAGE_SOURCE = Symbol('IMAGE_SOURCE');

export interface ImageSource {
  /**
   * All checks of an address that need no network, so that one which can never be fetched is refused
   * as soon as it is named.
   *
   * @throws ImageError `image_url_forbidden`
   */
  assertAllowed(url: string): void;

  /**
   * Downloads a photo from an address that a stranger may have typed: the bytes as they came,
   * at most `IMAGE_MAX_BYTES`, not yet decoded.
   *
   * @throws ImageError `image_url_forbidden`, `image_unreachable` (retryable only while the cause is
   *   transient) or `image_too_large`
   */
  fetch(url: string, signal: AbortSignal): Promise<Buffer>;

  /**
   * Gives the memory of a fetched photo back now instead of at some garbage collection. Nobody may
   * hold the buffer any more, nor work on it: it is empty afterwards. Never a duty.
   */
  release(bytes: Buffer): void;
}
