import { type ConfigType, registerAs } from '@nestjs/config';

import { readSettings } from './read-settings.js';
import { ChoiceSetting, IntegerSetting, NumberSetting, TextSetting } from './setting.js';

export const CLASSIFY_FOLLOW_UPS = ['none', 'callback', 'generate'] as const;
export type ClassifyFollowUp = (typeof CLASSIFY_FOLLOW_UPS)[number];

/** The desk classifier and what follows its answer. */
export class ClassifierSettings {
  @TextSetting({
    default: 'models/classify_cnn',
    kind: 'path',
    en: 'Folder with `model.json` and the ONNX file of the desk classifier.',
    ko: '책상 분류기의 `model.json`과 ONNX 파일이 있는 폴더.',
  })
  readonly CLASSIFIER_MODEL_DIR!: string;

  @NumberSetting({
    min: 0,
    max: 1,
    unit: 'probability',
    defaultText: "the model card's threshold",
    en: 'A photo is a desk from this probability on.',
    ko: '이 확률 이상이면 책상으로 판단합니다.',
  })
  readonly CLASSIFIER_THRESHOLD?: number;

  @IntegerSetting({
    min: 1,
    max: 64,
    unit: 'threads',
    defaultText: 'the number of CPU cores, at most 4',
    en: 'Worker threads, each with a session of its own.',
    ko: '워커 스레드 수. 스레드마다 세션을 하나씩 가집니다.',
  })
  readonly CLASSIFIER_THREADS?: number;

  @IntegerSetting({
    default: 10,
    min: 0,
    max: 19,
    unit: 'nice value',
    en: 'How far the threads that decode and classify stand back behind the one that answers requests (Linux only); 0: not at all.',
    ko: '디코딩·분류 스레드가 요청에 응답하는 스레드에 CPU를 양보하는 정도(리눅스 전용). 0이면 양보하지 않습니다.',
  })
  readonly CLASSIFIER_NICE!: number;

  @IntegerSetting({
    default: 64,
    min: 1,
    max: 10_000,
    unit: 'photos',
    en: 'Photos that may wait for the classifier; above it the answer is 503 with Retry-After.',
    ko: '분류를 기다릴 수 있는 사진 수. 넘으면 503과 Retry-After로 답합니다.',
  })
  readonly CLASSIFIER_QUEUE_LIMIT!: number;

  @IntegerSetting({
    default: 1_000,
    min: 0,
    max: 1_000_000,
    unit: 'verdicts',
    en: 'Verdicts remembered by content of the photo and model; 0 remembers none.',
    ko: '사진 내용과 모델별로 기억하는 판정 수. 0이면 기억하지 않습니다.',
  })
  readonly CLASSIFIER_CACHE_SIZE!: number;

  @ChoiceSetting({
    default: 'callback',
    values: CLASSIFY_FOLLOW_UPS,
    en: 'What follows a desk photo on POST /classify: nothing, a call back, or a v1 task that starts at once.',
    ko: 'POST /classify에서 책상으로 판정된 뒤의 동작: 없음, 콜백, 또는 v1 작업 즉시 시작.',
  })
  readonly CLASSIFY_FOLLOW_UP!: ClassifyFollowUp;
}

export const classifierConfig = registerAs('classifier', () => {
  const settings = readSettings(ClassifierSettings);
  return {
    modelDir: settings.CLASSIFIER_MODEL_DIR,
    threshold: settings.CLASSIFIER_THRESHOLD,
    threads: settings.CLASSIFIER_THREADS,
    nice: settings.CLASSIFIER_NICE,
    queueLimit: settings.CLASSIFIER_QUEUE_LIMIT,
    cacheSize: settings.CLASSIFIER_CACHE_SIZE,
    followUp: settings.CLASSIFY_FOLLOW_UP,
  };
});

export type ClassifierConfig = ConfigType<typeof classifierConfig>;
