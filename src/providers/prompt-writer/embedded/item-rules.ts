/* oxlint-disable max-lines -- pure data: one table is easier to read than several files */
import { type DeskFacts, LEVELS } from './desk-facts.js';
import { type ObjectKind } from './seen-objects.js';

export type ItemGroup =
  'light' | 'order' | 'screen-height' | 'laptop' | 'input' | 'decor' | 'comfort';

/** One thing that can be recommended, and what in a photo speaks for it. */
export interface ItemRule {
  readonly name: string;
  /** Only so many items of one group are recommended, so that an answer covers more than one need. */
  readonly group: ItemGroup;
  /** Korean search keyword; each finds at least three products in the embedded catalogue. */
  readonly keyword: string;
  /** English label. */
  readonly label: string;
  /** Never recommended when one of these may already be there. */
  readonly unless: readonly ObjectKind[];
  /** 0 (nothing speaks for it) to 1 (the photo asks for it). */
  readonly weight: (facts: DeskFacts) => number;
  /** One Korean sentence that names what was measured or seen. */
  readonly reason: (facts: DeskFacts) => string;
}

const percent = (share: number): string => `${Math.round(share * 100)}%`;

/** 0 up to `from`, 1 from `to` on, straight between them; `from` may be above `to`. */
const ramp = (value: number, from: number, to: number): number =>
  Math.min(1, Math.max(0, (value - from) / (to - from)));

const when = (condition: boolean, weight: number): number => (condition ? weight : 0);

const usesComputer = ({ objects }: DeskFacts): boolean =>
  objects.has('screen') || objects.has('laptop');

/** Also when nothing was recognised: a full desk without any cable is rare. */
const mayUseComputer = (facts: DeskFacts): boolean => usesComputer(facts) || facts.objects.isEmpty;

const mainColour = ({ photo }: DeskFacts): string => photo.colours[0]?.colour.nameKo ?? '회색';

const hasWood = ({ photo }: DeskFacts): boolean =>
  photo.colours.some(({ colour }) => colour.family === 'wood');

/** How empty the desk looks: calm cells count for little when edges are everywhere else. */
const emptiness = ({ photo }: DeskFacts): number =>
  ramp(photo.freeSurface, 0.4, 0.75) * ramp(photo.lowerClutter, LEVELS.busyFrom, 0.08);

/** The rules in one place; the order settles ties. */
export const ITEM_RULES: readonly ItemRule[] = [
  {
    name: 'dark photo: desk lamp',
    group: 'light',
    keyword: 'LED 책상 스탠드',
    label: 'LED desk lamp',
    unless: ['lamp'],
    weight: ({ photo }) => 0.2 + 0.8 * ramp(photo.brightness, 0.46, LEVELS.darkBelow),
    reason: ({ photo, light }) => {
      const brightness = percent(photo.brightness);
      if (light === 'dark')
        return `사진의 평균 밝기가 ${brightness}로 어두워 책상 위를 직접 비출 조명이 필요합니다.`;
      return light === 'dim'
        ? `사진의 평균 밝기가 ${brightness}로 넉넉하지 않아 손 주변을 비출 조명을 더하면 좋습니다.`
        : `사진의 평균 밝기가 ${brightness}라도 해가 진 뒤에는 손 주변을 비출 조명이 있으면 좋습니다.`;
    },
  },
  {
    name: 'dark photo with a screen: monitor light',
    group: 'light',
    keyword: '모니터 조명',
    label: 'monitor light bar',
    unless: [],
    weight: (facts) =>
      when(facts.objects.has('screen'), 0.8 * ramp(facts.photo.brightness, 0.44, 0.28)),
    reason: ({ photo }) =>
      `주변 밝기가 ${percent(photo.brightness)}로 낮아 화면과의 명암 차를 줄일 모니터 조명이 어울립니다.`,
  },
  {
    name: 'cool light: warm lamp',
    group: 'light',
    keyword: '전구색 무드등',
    label: 'warm mood lamp',
    unless: ['lamp'],
    weight: ({ photo, temperature }) =>
      when(temperature === 'cool', 0.55 + 0.35 * ramp(photo.warmth, LEVELS.coolBelow, -0.12)),
    reason: () => '사진의 색온도가 푸른 쪽으로 치우쳐 있어 전구색 빛을 더하면 아늑해집니다.',
  },
  {
    name: 'flat light: light strip',
    group: 'light',
    keyword: 'LED 라인 조명',
    label: 'LED light strip',
    unless: [],
    weight: ({ photo, light }) =>
      when(
        light !== 'bright',
        0.55 * ramp(photo.contrast, 0.22, 0.14) + when(light === 'dark', 0.15),
      ),
    reason: ({ photo }) =>
      `명암 차가 ${percent(photo.contrast)}로 작아 밋밋하므로 벽이나 책상 뒤에 간접 조명을 두면 깊이가 생깁니다.`,
  },
  {
    name: 'glare: blind',
    group: 'light',
    keyword: '롤 블라인드',
    label: 'roller blind',
    unless: ['blind'],
    weight: ({ photo }) => 0.75 * ramp(photo.highlightShare, 0.05, 0.2),
    reason: ({ photo }) =>
      `하얗게 날아간 부분이 사진의 ${percent(photo.highlightShare)}여서 눈부심을 줄일 블라인드가 도움이 됩니다.`,
  },
  {
    name: 'crowded desk with electronics: cable box',
    group: 'order',
    keyword: '케이블 정리함',
    label: 'cable management box',
    unless: [],
    weight: (facts) =>
      ramp(facts.photo.lowerClutter, 0.15, LEVELS.crowdedFrom) *
      (mayUseComputer(facts) ? 0.9 : 0.6),
    reason: ({ photo, surface }) =>
      surface === 'busy' || surface === 'crowded'
        ? `책상 쪽 복잡도가 ${percent(photo.lowerClutter)}로 높아 전선과 어댑터부터 숨기면 한결 깔끔해집니다.`
        : `책상 쪽 복잡도가 ${percent(photo.lowerClutter)}라 전선과 어댑터만 숨겨도 한결 깔끔해집니다.`,
  },
  {
    name: 'crowded desk: organizer',
    group: 'order',
    keyword: '데스크 정리함',
    label: 'desk organizer',
    unless: [],
    weight: ({ photo }) => 0.95 * ramp(photo.lowerClutter, 0.17, 0.28),
    reason: ({ photo }) =>
      `책상 위 빈 공간이 약 ${percent(photo.freeSurface)}로 물건이 촘촘해 작은 소품을 모아 둘 정리함이 필요합니다.`,
  },
  {
    name: 'papers: document tray',
    group: 'order',
    keyword: '서류 정리함',
    label: 'document tray',
    unless: [],
    weight: (facts) =>
      when(facts.objects.has('papers'), 0.4 + 0.4 * ramp(facts.photo.lowerClutter, 0.1, 0.25)),
    reason: () => '서류나 파일이 보여 종이를 층층이 나눠 둘 정리함이 있으면 책상이 넓어집니다.',
  },
  {
    name: 'full wall: pegboard',
    group: 'order',
    keyword: '타공판',
    label: 'pegboard',
    unless: ['shelf'],
    weight: ({ photo }) =>
      0.8 *
      ramp(photo.upperClutter, 0.2, 0.34) *
      ramp(photo.freeSurface, 0.7, LEVELS.littleFreeBelow),
    reason: ({ photo }) =>
      `벽 쪽 복잡도가 ${percent(photo.upperClutter)}로 높고 책상에 빈자리가 적어 물건을 걸어 둘 타공판이 어울립니다.`,
  },
  {
    name: 'calm wall, little free desk: desk shelf',
    group: 'order',
    keyword: '책상 선반',
    label: 'desk shelf',
    unless: ['shelf'],
    weight: ({ photo }) =>
      0.7 * ramp(photo.upperClutter, 0.24, 0.12) * ramp(photo.freeSurface, 0.45, 0.2),
    reason: ({ photo }) =>
      `책상 위 빈 공간이 약 ${percent(photo.freeSurface)}뿐이고 위쪽은 비어 있어 선반으로 높이를 쓰면 좋습니다.`,
  },
  {
    name: 'books: bookends',
    group: 'order',
    keyword: '북엔드',
    label: 'bookends',
    unless: [],
    weight: ({ objects }) => when(objects.has('books'), 0.6),
    reason: () => '책이 보여 쓰러지지 않게 세워 둘 북엔드가 어울립니다.',
  },
  {
    name: 'pens: pen holder',
    group: 'order',
    keyword: '펜꽂이',
    label: 'pen holder',
    unless: [],
    weight: ({ objects }) => when(objects.has('pens'), 0.55),
    reason: () => '필기구가 책상 위에 보여 한곳에 꽂아 둘 펜꽂이가 있으면 좋습니다.',
  },
  {
    name: 'laptop: laptop stand',
    group: 'laptop',
    keyword: '노트북 거치대',
    label: 'laptop stand',
    unless: [],
    weight: ({ objects }) => when(objects.has('laptop'), objects.has('screen') ? 0.62 : 0.85),
    reason: ({ objects }) =>
      objects.has('screen')
        ? '노트북과 모니터를 함께 쓰고 있어 두 화면의 높이를 맞출 거치대가 유용합니다.'
        : '모니터 없이 노트북만 보여 화면을 눈높이까지 올려 줄 거치대가 있으면 목이 편합니다.',
  },
  {
    name: 'laptop, no monitor, room for one: monitor',
    group: 'laptop',
    keyword: '27인치 모니터',
    label: '27 inch monitor',
    unless: ['screen'],
    weight: ({ objects, photo }) =>
      when(objects.has('laptop'), 0.7 * ramp(photo.freeSurface, 0.2, 0.6)),
    reason: ({ photo }) =>
      `노트북만 보이고 책상 위 빈 공간이 약 ${percent(photo.freeSurface)}여서 외부 모니터를 두기 좋습니다.`,
  },
  {
    name: 'monitor on a full desk: monitor arm',
    group: 'screen-height',
    keyword: '모니터암',
    label: 'monitor arm',
    unless: [],
    weight: ({ objects, photo }) =>
      when(objects.has('screen'), 0.35 + 0.45 * ramp(photo.freeSurface, 0.5, 0.2)),
    reason: ({ photo }) =>
      `모니터가 있고 책상 위 빈 공간이 약 ${percent(photo.freeSurface)}라 화면을 띄우면 그 아래를 쓸 수 있습니다.`,
  },
  {
    name: 'monitor: monitor stand',
    group: 'screen-height',
    keyword: '모니터 받침대',
    label: 'monitor stand',
    unless: [],
    weight: ({ objects, photo }) =>
      when(objects.has('screen'), 0.4 + 0.35 * ramp(photo.freeSurface, 0.25, 0.5)),
    reason: ({ photo }) =>
      `모니터가 있고 빈 공간이 약 ${percent(photo.freeSurface)}라, 받침대로 높이를 맞추면 아래에 키보드도 넣을 수 있습니다.`,
  },
  {
    name: 'computer without keyboard: keyboard',
    group: 'input',
    keyword: '무선 키보드',
    label: 'wireless keyboard',
    // A desktop computer always comes with a keyboard, even if the classifier does not name it.
    unless: ['keyboard', 'screen'],
    weight: ({ objects }) => when(objects.has('laptop'), 0.58),
    reason: () =>
      '노트북은 보이지만 별도 키보드는 확인되지 않아 편한 자세로 칠 무선 키보드를 권합니다.',
  },
  {
    name: 'computer without mouse: mouse',
    group: 'input',
    keyword: '무선 마우스',
    label: 'wireless mouse',
    unless: ['mouse', 'screen'],
    weight: ({ objects }) => when(objects.has('laptop'), 0.5),
    reason: () =>
      '노트북은 보이지만 마우스는 확인되지 않아 무선 마우스를 더하면 작업이 편해집니다.',
  },
  {
    name: 'keyboard: wrist rest',
    group: 'input',
    keyword: '손목 받침대',
    label: 'wrist rest',
    unless: [],
    weight: ({ objects }) =>
      Math.max(
        when(objects.has('keyboard') || objects.has('mouse'), 0.48),
        when(objects.has('screen'), 0.4),
      ),
    reason: ({ objects }) => {
      if (objects.has('keyboard'))
        return '키보드를 쓰는 책상이라 손목 꺾임을 줄일 받침대가 도움이 됩니다.';
      return objects.has('mouse')
        ? '마우스를 쓰는 책상이라 손목 꺾임을 줄일 받침대가 도움이 됩니다.'
        : '모니터 앞에서 오래 작업하는 책상이라 손목을 받쳐 줄 받침대가 도움이 됩니다.';
    },
  },
  {
    name: 'bare desk: desk mat',
    group: 'input',
    keyword: '데스크 매트',
    label: 'desk mat',
    unless: [],
    weight: (facts) => 0.25 + 0.45 * emptiness(facts),
    reason: (facts) =>
      `전체가 ${mainColour(facts)} 톤이고 책상 위 빈 공간이 약 ${percent(facts.photo.freeSurface)}여서 매트로 작업 자리를 구분하면 좋습니다.`,
  },
  {
    name: 'desk without computer: book stand',
    group: 'comfort',
    keyword: '독서대',
    label: 'book stand',
    unless: ['screen', 'laptop', 'keyboard', 'mouse'],
    weight: (facts) => when(facts.objects.has('desk'), 0.4 + 0.15 * emptiness(facts)),
    reason: () => '책상 위에 컴퓨터가 확인되지 않아 책을 세워 읽을 독서대가 어울립니다.',
  },
  {
    name: 'no green: plant',
    group: 'decor',
    keyword: '미니 화분',
    label: 'small potted plant',
    unless: ['plant'],
    weight: ({ photo, temperature }) =>
      when(temperature !== 'grey', 0.4 + 0.14 * ramp(photo.saturation, 0.25, 0.08)) *
      ramp(photo.greenShare, 0.012, LEVELS.greenFrom),
    reason: ({ photo }) =>
      photo.greenShare < LEVELS.greenFrom
        ? '사진에 초록빛이 거의 없어 작은 화분 하나로 생기를 더할 수 있습니다.'
        : `사진에서 초록빛이 ${percent(photo.greenShare)}뿐이라 작은 화분 하나로 생기를 더할 수 있습니다.`,
  },
  {
    name: 'plain colours, calm wall: framed poster',
    group: 'decor',
    keyword: '포스터 액자',
    label: 'framed poster',
    unless: [],
    weight: ({ photo, temperature }) =>
      when(temperature !== 'grey', 0.3 + 0.3 * ramp(photo.saturation, 0.2, 0.06)) *
      ramp(photo.upperClutter, 0.2, 0.08),
    reason: (facts) =>
      `${mainColour(facts)} 위주로 색이 단조롭고 벽이 비어 있어 포스터 한 장이 포인트가 됩니다.`,
  },
  {
    name: 'no wood: wooden tray',
    group: 'decor',
    keyword: '우드 트레이',
    label: 'wooden tray',
    unless: ['tray'],
    weight: (facts) =>
      when(
        !hasWood(facts) && facts.temperature !== 'grey',
        0.3 + 0.22 * ramp(facts.photo.warmth, 0.15, -0.05),
      ),
    reason: (facts) =>
      `${mainColour(facts)} 계열이 많고 나무색이 거의 없어 우드 소품이 온기를 더합니다.`,
  },
  {
    name: 'tidy desk, no clock: clock',
    group: 'decor',
    keyword: '탁상시계',
    label: 'desk clock',
    unless: ['clock'],
    weight: (facts) => when(emptiness(facts) > 0, 0.22) + 0.22 * emptiness(facts),
    reason: ({ photo }) =>
      `책상 위 빈 공간이 약 ${percent(photo.freeSurface)}여서 작은 탁상시계 하나를 두어도 여유롭습니다.`,
  },
  {
    name: 'chair: cushion',
    group: 'comfort',
    keyword: '등받이 쿠션',
    label: 'lumbar cushion',
    unless: ['cushion'],
    weight: ({ objects }) => when(objects.has('seat'), 0.52),
    reason: () => '의자가 함께 보여 오래 앉을 때 허리를 받쳐 줄 쿠션을 권합니다.',
  },
  {
    name: 'mug: coaster',
    group: 'comfort',
    keyword: '컵 코스터',
    label: 'coaster',
    unless: [],
    weight: ({ objects }) => when(objects.has('mug'), 0.54),
    reason: () => '책상 위에 컵이 보여 물자국을 막아 줄 코스터가 있으면 좋습니다.',
  },
  {
    name: 'phone: wireless charger',
    group: 'comfort',
    keyword: '무선 충전기',
    label: 'wireless charger',
    unless: [],
    weight: ({ objects }) => when(objects.has('phone'), 0.53),
    reason: () => '휴대 기기가 보여 선 없이 올려 둘 무선 충전기가 유용합니다.',
  },
  {
    name: 'loudspeaker: speaker stand',
    group: 'comfort',
    keyword: '스피커 스탠드',
    label: 'speaker stand',
    unless: [],
    weight: ({ objects }) => when(objects.has('speaker'), 0.5),
    reason: () => '스피커가 보여 귀 높이로 올리고 진동을 줄일 스탠드가 어울립니다.',
  },
  {
    name: 'headphones: headset stand',
    group: 'comfort',
    keyword: '헤드셋 거치대',
    label: 'headset stand',
    unless: [],
    weight: ({ objects }) => when(objects.has('headphones'), 0.55),
    reason: () => '헤드셋이 보여 걸어 둘 거치대가 있으면 책상 위가 넓어집니다.',
  },
  {
    name: 'printer: printer shelf',
    group: 'order',
    keyword: '프린터 선반',
    label: 'printer shelf',
    unless: [],
    weight: ({ objects }) => when(objects.has('printer'), 0.5),
    reason: () => '프린터가 자리를 차지하고 있어 아래에 용지를 둘 수 있는 선반이 유용합니다.',
  },
  {
    name: 'always: cable holder',
    group: 'order',
    keyword: '케이블 홀더',
    label: 'cable holder',
    unless: [],
    weight: (facts) => (usesComputer(facts) ? 0.2 : 0.14),
    reason: ({ photo }) =>
      `책상 쪽 복잡도가 ${percent(photo.lowerClutter)}인 지금 상태를 지키도록 충전선을 고정할 홀더를 권합니다.`,
  },
  {
    name: 'always: footrest',
    group: 'comfort',
    keyword: '발 받침대',
    label: 'footrest',
    unless: [],
    weight: () => 0.12,
    reason: ({ photo }) =>
      `책상 위(빈 공간 약 ${percent(photo.freeSurface)})는 그대로 두고 앉은 자세를 받쳐 줄 발 받침대를 더하면 좋습니다.`,
  },
];
