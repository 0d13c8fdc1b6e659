import { createHash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { plainToInstance, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  Equals,
  IsDefined,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsPositive,
  IsString,
  Matches,
  Max,
  Min,
  ValidateNested,
  validateSync,
  type ValidationError,
} from 'class-validator';

import { ConfigurationError } from '../../common/errors/errors.js';
import { hasCode } from '../../common/errors/system-error.js';

/** How photos become the model's input tensor; `resize` and `kernel` are sharp's names. */
export class ModelInput {
  @IsString() readonly name!: string;
  @IsInt() @Min(8) @Max(1024) readonly width!: number;
  @IsInt() @Min(8) @Max(1024) readonly height!: number;
  @IsIn(['NCHW', 'NHWC']) readonly layout!: 'NCHW' | 'NHWC';
  @IsIn(['float32', 'uint8']) readonly dtype!: 'float32' | 'uint8';
  @IsIn(['RGB', 'BGR']) readonly channels!: 'RGB' | 'BGR';
  @IsIn(['fill', 'cover', 'contain']) readonly resize!: 'fill' | 'cover' | 'contain';
  @IsIn(['nearest', 'linear', 'cubic', 'mitchell', 'lanczos2', 'lanczos3'])
  readonly kernel!: 'nearest' | 'linear' | 'cubic' | 'mitchell' | 'lanczos2' | 'lanczos3';
  /** value = (byte - mean) / std in the order of `channels`; ignored for uint8. */
  @ArrayMinSize(3) @ArrayMaxSize(3) @IsNumber({}, { each: true }) readonly mean!: number[];
  @ArrayMinSize(3) @ArrayMaxSize(3) @IsNumber({}, { each: true }) readonly std!: number[];
}

export class DeskOutput {
  @IsString() readonly output!: string;
  /** Flat index of the desk value in that output. */
  @IsInt() @Min(0) readonly index!: number;
  @IsIn(['none', 'sigmoid', 'softmax']) readonly activation!: 'none' | 'sigmoid' | 'softmax';
  /** Logits are divided by it before the activation (temperature scaling, Guo et al. 2017). */
  @IsPositive() readonly temperature: number = 1;
}

/** What is done with a photo of which the first look left doubt. */
export class SecondLook {
  /** From this probability on, and below the other one, there is doubt. */
  @IsNumber() @Min(0) @Max(1) readonly above!: number;
  @IsNumber() @Min(0) @Max(1) readonly below!: number;
  /** Distance from these bounds, in calibrated logits, at which the closer looks count in full. */
  @IsPositive() readonly ramp!: number;
  /** Width and height of each closer look, as a share of the photo's. */
  @IsNumber() @Min(0.5) @Max(1) readonly scale!: number;
  /** Added to the mean logit of the looks, before it is divided by the temperature. */
  @IsNumber() readonly shift!: number;
  @IsPositive() readonly temperature!: number;
}

export class ScreenshotOutput extends DeskOutput {
  @IsNumber() @Min(0) @Max(1) readonly threshold!: number;
}

export class TagsOutput {
  @IsString() readonly output!: string;
  @IsIn(['none', 'softmax']) readonly activation!: 'none' | 'softmax';
  /** Text file with one English label a line, in the order of the output. */
  @Matches(/^[\w.-]+$/) readonly labels!: string;
}

/** `model.json`: all that the runtime has to know to run another team's CNN without a code change. */
export class ModelManifest {
  @Equals(1) readonly manifest_version!: 1;
  @Matches(/^[\w.-]+$/) readonly name!: string;
  @Matches(/^[\w.+-]+$/) readonly version!: string;
  @Matches(/^[\w.-]+\.onnx$/) readonly file!: string;
  @Matches(/^[0-9a-f]{64}$/) readonly sha256!: string;
  @IsString() readonly licence!: string;
  @IsString() readonly source!: string;
  @IsDefined() @ValidateNested() @Type(() => ModelInput) readonly input!: ModelInput;
  @IsDefined() @ValidateNested() @Type(() => DeskOutput) readonly desk!: DeskOutput;
  @IsOptional() @ValidateNested() @Type(() => SecondLook) readonly second_look!: SecondLook | null;
  @IsNumber() @Min(0) @Max(1) readonly threshold!: number;
  @IsOptional() @ValidateNested() @Type(() => TagsOutput) readonly tags!: TagsOutput | null;
  @IsOptional()
  @ValidateNested()
  @Type(() => ScreenshotOutput)
  readonly screenshot!: ScreenshotOutput | null;
}

export interface LoadedModel {
  readonly manifest: ModelManifest;
  readonly modelPath: string;
  readonly labels: readonly string[];
}

const toFaults = (file: string, errors: readonly ValidationError[], parent = ''): string[] =>
  errors.flatMap((error) => [
    ...Object.values(error.constraints ?? {}).map((message) => `${file}: ${parent}${message}`),
    ...toFaults(file, error.children ?? [], `${parent}${error.property}.`),
  ]);

const readOrFault = async (path: string): Promise<Buffer> => {
  try {
    return await readFile(path);
  } catch {
    throw new ConfigurationError([`The classifier's file ${path} cannot be read`]);
  }
};

const parseManifest = (path: string, text: string): ModelManifest => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ConfigurationError([`${path} is not valid JSON`]);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ConfigurationError([`${path} must hold a JSON object`]);
  }
  const manifest = plainToInstance(ModelManifest, json, { exposeDefaultValues: true });
  const faults = toFaults(path, validateSync(manifest));
  if (manifest.second_look && manifest.desk?.activation !== 'sigmoid') {
    faults.push(`${path}: second_look adds up logits, so desk.activation must be sigmoid`);
  }
  if (faults.length > 0) throw new ConfigurationError(faults);
  return manifest;
};

/** False for a folder that is missing or holds no model at all; a broken one is there. */
export const hasModel = async (directory: string): Promise<boolean> => {
  try {
    await access(join(directory, 'model.json'));
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return false;
    throw error;
  }
};

/**
 * Reads a model folder and checks that the ONNX file is the one that the manifest describes.
 *
 * @throws ConfigurationError naming the file and what is wrong with it
 */
export const loadModel = async (directory: string): Promise<LoadedModel> => {
  const manifestPath = join(directory, 'model.json');
  const manifest = parseManifest(manifestPath, (await readOrFault(manifestPath)).toString('utf8'));
  const modelPath = join(directory, manifest.file);
  const sha256 = createHash('sha256')
    .update(await readOrFault(modelPath))
    .digest('hex');
  if (sha256 !== manifest.sha256) {
    throw new ConfigurationError([
      `${modelPath} is not the file that ${manifestPath} describes: its SHA-256 is ${sha256}, ` +
        `expected ${manifest.sha256}. Restore the file, or correct the manifest of a new model.`,
    ]);
  }
  const labels = manifest.tags
    ? (await readOrFault(join(directory, manifest.tags.labels))).toString('utf8').trim().split('\n')
    : [];
  return { manifest, modelPath, labels: labels.map((label) => label.trim()) };
};
