import { Inject, Injectable } from '@nestjs/common';

import { appConfig, type AppConfig } from '../config/app.config.js';
import { intakeConfig, type IntakeConfig } from '../config/intake.config.js';
import { IMAGE_STORE, type ImageStore } from '../providers/image-store/image-store.port.js';

/** Never uploaded to: only the address of the link is of interest. */
const PROBE = { name: 'playground-probe-upload.jpg', contentType: 'image/jpeg' };

/** The page's Content-Security-Policy: everything comes from us, and photos go where uploads go. */
@Injectable()
export class PlaygroundPolicy {
  private header: Promise<string> | undefined;

  constructor(
    @Inject(appConfig.KEY) private readonly app: AppConfig,
    @Inject(intakeConfig.KEY) private readonly intake: IntakeConfig,
    @Inject(IMAGE_STORE) private readonly store: ImageStore,
  ) {}

  read(): Promise<string> {
    this.header ??= this.findUploadOrigin().then(toPolicy);
    return this.header;
  }

  /** Empty when photos are uploaded to ourselves; else the bucket's origin. */
  private async findUploadOrigin(): Promise<string> {
    try {
      const { maxBytes } = this.intake;
      const { uploadUrl } = await this.store.createUpload({ ...PROBE, maxBytes });
      return uploadUrl.startsWith(`${this.app.publicBaseUrl}/`) ? '' : new URL(uploadUrl).origin;
    } catch {
      // Credentials that do not come: the page opens all the same, and asked again next time.
      this.header = undefined;
      return '';
    }
  }
}

const toPolicy = (uploadOrigin: string): string =>
  [
    ["default-src 'none'"],
    ["script-src 'self'"],
    ["style-src 'self'"],
    ["img-src 'self' blob: data: https:", uploadOrigin],
    ["connect-src 'self'", uploadOrigin],
    ["base-uri 'none'"],
    ["form-action 'none'"],
    ["frame-ancestors 'none'"],
  ]
    .map((parts) => parts.join(' ').trim())
    .join('; ');
