import { z } from 'zod';

import { type ProductCandidate } from './product-candidate.js';
import { toPriceKrw, toShopLink, toShopText } from './shop-text.js';

/** Types 1 to 3 are new goods on sale; 4 to 6 used, 7 to 9 discontinued, 10 to 12 not yet sold. */
const ON_SALE = new Set(['1', '2', '3']);
/** Within each three: a page that compares prices, unmatched, matched to such a page. */
const UNMATCHED = '2';
const NO_MALL = '네이버';

const word = z.union([z.string(), z.number()]).transform(String).catch('');

const naverItem = z.object({
  title: z.string(),
  link: z.string(),
  image: word,
  lprice: word,
  mallName: word,
  productId: z.union([z.string(), z.number()]).transform(String),
  productType: word,
  brand: word,
  maker: word,
  category1: word,
  category2: word,
  category3: word,
  category4: word,
});
type NaverItem = z.infer<typeof naverItem>;

export const naverAnswer = z.object({ items: z.array(z.unknown()) });
export const naverError = z.object({ errorCode: z.string() });

/** Fourth category: (third, fourth); else third: (second, third); what is narrower is the sub category. */
const toCategories = (item: NaverItem): { mainCategory: string; subCategory: string } => {
  const [c1, c2, c3, c4] = [item.category1, item.category2, item.category3, item.category4].map(
    toShopText,
  );
  if (c4) return { mainCategory: c3 ?? '', subCategory: c4 };
  if (c3) return { mainCategory: c2 ?? '', subCategory: c3 };
  return { mainCategory: c1 ?? '', subCategory: c2 ?? '' };
};

/** One item, or undefined when it cannot be bought new or lacks what a product has to have. */
export const toNaverCandidate = (raw: unknown): ProductCandidate | undefined => {
  const parsed = naverItem.safeParse(raw);
  if (!parsed.success || !ON_SALE.has(parsed.data.productType)) return undefined;
  const item = parsed.data;
  const title = toShopText(item.title);
  const priceKrw = toPriceKrw(item.lprice);
  const link = toShopLink(item.link);
  if (title === '' || priceKrw === undefined || link === undefined) return undefined;
  return {
    id: item.productId,
    product: {
      title,
      priceKrw,
      mall: toShopText(item.mallName) || NO_MALL,
      link,
      imageUrl: toShopLink(item.image) ?? '',
      ...toCategories(item),
    },
    categories: [item.category1, item.category2, item.category3, item.category4].map(toShopText),
    brand: `${toShopText(item.brand)} ${toShopText(item.maker)}`.trim(),
    isMatched: item.productType !== UNMATCHED,
  };
};
