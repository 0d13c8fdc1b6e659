import { DeskPhotoRequest } from '../../generation/generate.dto.js';

export class GenerateV2Request extends DeskPhotoRequest {}
