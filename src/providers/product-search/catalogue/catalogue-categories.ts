/** What a kind of desk item costs in Korea in 2026, in whole won; wide, because shops differ. */
export interface PriceRange {
  readonly minKrw: number;
  readonly maxKrw: number;
}

export interface CatalogueItem {
  readonly id: string;
  /** Korean description of the kind of item in our own words: no brand, no model number. */
  readonly title: string;
  readonly subCategory: string;
  readonly price: PriceRange;
}

export interface CatalogueCategory {
  /** Also the icon's file name: `assets/catalogue/<slug>.svg`. */
  readonly slug: string;
  /** Korean keyword that means exactly this category. */
  readonly keyword: string;
  /** English label. */
  readonly label: string;
  /** Other names in Korean and English. */
  readonly synonyms: readonly string[];
  readonly mainCategory: string;
  readonly items: readonly CatalogueItem[];
}

type ItemRow = readonly [title: string, subCategory: string, minKrw: number, maxKrw: number];

/** Ids come from the order, so a new item goes to the end of its category. */
export const category = (
  slug: string,
  [keyword, label, mainCategory]: readonly [keyword: string, label: string, mainCategory: string],
  synonyms: readonly string[],
  rows: readonly ItemRow[],
): CatalogueCategory => ({
  slug,
  keyword,
  label,
  synonyms,
  mainCategory,
  items: rows.map(([title, subCategory, minKrw, maxKrw], index) => ({
    id: `${slug}-${index + 1}`,
    title,
    subCategory,
    price: { minKrw, maxKrw },
  })),
});
