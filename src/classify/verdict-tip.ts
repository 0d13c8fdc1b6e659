import { type VerdictReason } from '../providers/desk-classifier/desk-classifier.port.js';

/** What the person with the phone can do about it. */
export interface VerdictTip {
  readonly ko: string;
  readonly en: string;
}

export const VERDICT_TIPS: Readonly<Record<VerdictReason, VerdictTip>> = {
  no_desk: {
    ko: '책상이 화면의 절반 이상 보이도록 한두 걸음 물러나서 찍어 주세요.',
    en: 'Step back a little so that the desk fills at least half of the photo.',
  },
  too_dark: {
    ko: '불을 켜거나 낮에 커튼을 열고 다시 찍어 주세요.',
    en: 'Turn on a light or open the curtains, then take the photo again.',
  },
  blurred: {
    ko: '렌즈를 닦고 휴대폰을 고정한 뒤 초점을 맞춰 다시 찍어 주세요.',
    en: 'Wipe the lens, hold the phone still, tap to focus, and take the photo again.',
  },
  too_small: {
    ko: '썸네일이 아닌 원본 사진을 보내 주세요.',
    en: 'Send the original photo, not a thumbnail of it.',
  },
  screenshot: {
    ko: '화면 캡처가 아니라 카메라로 찍은 사진을 보내 주세요.',
    en: 'Send a photo taken with a camera, not a screenshot.',
  },
};
