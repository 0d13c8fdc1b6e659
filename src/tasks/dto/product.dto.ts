import { ApiProperty } from '@nestjs/swagger';

import { both } from '../../common/http/api-docs.js';

export class ProductDto {
  @ApiProperty({
    description: both('Product name, plain text.', '상품명(일반 텍스트).'),
    example: '무소음 무선 마우스',
  })
  title!: string;

  @ApiProperty({
    pattern: '^[0-9]+$',
    description: both('Korean won, digits only.', '원화 가격(숫자만).'),
    example: '21990',
  })
  price!: string;

  @ApiProperty({ description: both('Shop.', '판매처.'), example: '네이버' })
  mall!: string;

  @ApiProperty({
    format: 'uri',
    description: both('Page of the product.', '상품 페이지.'),
    example: 'https://search.shopping.naver.com/search/all?query=%EB%A7%88%EC%9A%B0%EC%8A%A4',
  })
  link!: string;

  @ApiProperty({
    format: 'uri',
    description: both('Picture of the product.', '상품 이미지.'),
    example: 'http://localhost:8080/images/catalogue-mouse.svg',
  })
  image!: string;

  @ApiProperty({ description: both('Main category.', '대분류.'), example: '마우스' })
  main_category!: string;

  @ApiProperty({ description: both('Sub-category.', '소분류.'), example: '무선마우스' })
  sub_category!: string;
}

export class ProductGroupDto {
  @ApiProperty({ description: both('Korean search keyword.', '검색 키워드.'), example: '마우스' })
  keyword!: string;

  @ApiProperty({ type: [ProductDto], description: both('Products, best first.', '상품(추천순).') })
  details!: ProductDto[];
}

export class RecommendedItemDto {
  @ApiProperty({
    description: both('Korean search keyword.', '검색 키워드.'),
    example: 'LED 스탠드',
  })
  keyword!: string;

  @ApiProperty({ description: both('English name.', '영어 이름.'), example: 'desk lamp' })
  label!: string;

  @ApiProperty({
    description: both('What in the photo speaks for it.', '추천 이유.'),
    example: '사진이 어두워 작업등이 있으면 좋아요.',
  })
  reason!: string;
}
