import { ImageError } from '../../common/errors/errors.js';
import { type S3Config } from '../../config/storage.config.js';
import { type ImageSource } from '../image-source/image-source.port.js';

/** The part of the store that reads any object of the bucket. */
export interface BucketReader {
  read(key: string, maxBytes: number, signal: AbortSignal): Promise<Buffer | undefined>;
}

export const isBucketReader = (store: object): store is BucketReader =>
  'read' in store && typeof store.read === 'function';

export interface S3OwnImagesOptions {
  readonly s3: S3Config;
  readonly maxBytes: number;
}

const withoutDots = (key: string): boolean =>
  key !== '' && !key.split('/').some((part) => part === '..' || part === '.');

/**
 * Addresses of our own bucket (and of the CDN in front of it) are read through S3 with the service's
 * credentials, so a private bucket works as `image_url`, and a presigned link that has ended as well.
 * All others go to the next source. `S3_SOURCE_PREFIXES` narrows which objects may be named.
 */
export class S3OwnImages implements ImageSource {
  private readonly prefixes: readonly string[];

  constructor(
    private readonly options: S3OwnImagesOptions,
    private readonly bucket: BucketReader,
    private readonly others: ImageSource,
  ) {
    this.prefixes = ownPrefixes(options.s3);
  }

  assertAllowed(url: string): void {
    if (this.ownKey(url) === undefined) this.others.assertAllowed(url);
  }

  async fetch(url: string, signal: AbortSignal): Promise<Buffer> {
    const key = this.ownKey(url);
    if (key === undefined) return this.others.fetch(url, signal);
    const bytes = await this.bucket.read(key, this.options.maxBytes, signal);
    if (bytes) return bytes;
    throw new ImageError('image_unreachable', 'There is no such object in the bucket.');
  }

  release(bytes: Buffer): void {
    this.others.release(bytes);
  }

  private ownKey(url: string): string | undefined {
    if (!URL.canParse(url)) return undefined;
    const { origin, pathname, username } = new URL(url);
    const address = `${origin}${pathname}`;
    const prefix = this.prefixes.find((start) => address.startsWith(start));
    if (prefix === undefined || username !== '') return undefined;
    const key = decode(address.slice(prefix.length));
    return key !== undefined && withoutDots(key) && this.isOpen(key) ? key : undefined;
  }

  private isOpen(key: string): boolean {
    const { sourcePrefixes, prefix } = this.options.s3;
    if (sourcePrefixes.length === 0) return true;
    return [...sourcePrefixes, `${prefix}/`].some((start) => key.startsWith(start));
  }
}

/** All forms in which the bucket's address is written: host style, path style, endpoint, CDN. */
const ownPrefixes = ({ bucket, region, endpoint, cdnBaseUrl }: S3Config): readonly string[] => {
  const hosts = ['s3.amazonaws.com', `s3.${region}.amazonaws.com`, `s3-${region}.amazonaws.com`];
  const addresses =
    endpoint === undefined
      ? hosts.flatMap((host) => [`https://${bucket}.${host}`, `https://${host}/${bucket}`])
      : [`${endpoint}/${bucket}`, endpoint.replace('://', `://${bucket}.`)];
  const cdn = cdnBaseUrl === undefined ? [] : [cdnBaseUrl];
  // An endpoint that is an IP address has no host style.
  return [...addresses, ...cdn].filter((address) => URL.canParse(address)).map(toPrefix);
};

/** As the URL parser writes it: host in lower case, default port left out. */
const toPrefix = (address: string): string => {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname.replace(/\/+$/, '')}/`;
};

// Stores write a space in a path as `+` or `%20`, and a plus as `%2B`.
const decode = (path: string): string | undefined => {
  try {
    return decodeURIComponent(path.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
};
