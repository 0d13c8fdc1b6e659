import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../common/clock.js';
import { AccessError } from '../common/errors/errors.js';
import { intakeConfig, type IntakeConfig } from '../config/intake.config.js';
import { ImageDecoder } from '../imaging/image-decoder.js';
import { toKeptCopy } from '../imaging/kept-copy.js';
import {
  IMAGE_STORE,
  type ImageStore,
  newUploadName,
} from '../providers/image-store/image-store.port.js';
import { UploadSigner } from '../providers/image-store/upload-signer.js';
import {
  type UploadedDto,
  type UploadRequestDto,
  type UploadResponseDto,
} from './dto/upload.dto.js';

export interface SignedUpload {
  readonly name: string;
  readonly contentType: string;
  readonly maxBytes: number;
  readonly expiresAt: Date;
  readonly signature: string;
}

@Injectable()
export class UploadsService {
  constructor(
    @Inject(IMAGE_STORE) private readonly store: ImageStore,
    @Inject(intakeConfig.KEY) private readonly intake: IntakeConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly signer: UploadSigner,
    private readonly decoder: ImageDecoder,
  ) {}

  async create(asked: UploadRequestDto): Promise<UploadResponseDto> {
    const contentType = asked.content_type ?? 'image/jpeg';
    const method = asked.method ?? undefined;
    const name = newUploadName();
    const { maxBytes } = this.intake;
    const ticket = await this.store.createUpload({ name, contentType, maxBytes }, method);
    return {
      method: ticket.method,
      upload_url: ticket.uploadUrl,
      headers: { ...ticket.headers },
      fields: { ...ticket.fields },
      image_url: this.store.publicUrl(name),
      max_bytes: maxBytes,
      expires_at: ticket.expiresAt.toISOString(),
    };
  }

  /** @throws AccessError when the link was not signed by us, or has ended */
  assertSigned(upload: SignedUpload): void {
    const { name, contentType, maxBytes, expiresAt, signature } = upload;
    if (!this.signer.verify({ name, contentType, maxBytes }, expiresAt, signature)) {
      throw new AccessError('forbidden', 'This upload link was not made by this service.');
    }
    if (expiresAt.getTime() < this.clock.now()) {
      throw new AccessError(
        'forbidden',
        'This upload link has ended: ask POST /uploads for a new one.',
      );
    }
  }

  /** Keeps an upright copy without metadata, so that no location is ever served. */
  async receive(upload: SignedUpload, bytes: Buffer): Promise<UploadedDto> {
    this.assertSigned(upload);
    const photo = await toKeptCopy(this.decoder, bytes);
    await this.store.put(upload.name, photo.bytes, 'image/jpeg');
    return {
      image_url: this.store.publicUrl(upload.name),
      width: photo.width,
      height: photo.height,
    };
  }
}
