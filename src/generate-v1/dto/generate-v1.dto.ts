import { DeskPhotoRequest } from '../../generation/generate.dto.js';

export class GenerateV1Request extends DeskPhotoRequest {}

export class PromptV1Request extends DeskPhotoRequest {}
