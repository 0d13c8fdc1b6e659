import { SaxesParser } from 'saxes';

export type ElevenstProduct = Readonly<Record<string, string>>;

export interface ElevenstAnswer {
  readonly products: readonly ElevenstProduct[];
  /** `<ErrorCode>`; undefined when all is well. */
  readonly errorCode: string | undefined;
  readonly isSearch: boolean;
}

const MAX_DEPTH = 12;
const MAX_FIELD = 4_000;
const ROOTS = new Set(['ProductSearchResponse', 'ErrorMessage']);

class ElevenstReader {
  readonly products: ElevenstProduct[] = [];
  readonly path: string[] = [];
  errorCode: string | undefined;
  isSearch = false;
  private product: Record<string, string> | undefined;
  private text = '';

  open(name: string): void {
    if (this.path.length === 0) this.isSearch = ROOTS.has(name);
    if (this.path.length >= MAX_DEPTH) throw new RangeError('XML is nested too deeply');
    this.path.push(name);
    this.text = '';
    if (name === 'Product') this.product = {};
  }

  add(text: string): void {
    if (this.text.length < MAX_FIELD) this.text += text;
  }

  close(): void {
    const name = this.path.pop() ?? '';
    if (name === 'Product' && this.product) {
      this.products.push(this.product);
      this.product = undefined;
    } else if (this.product) {
      // The first wins: nested option lists repeat names of the product itself.
      this.product[name] ??= this.text.trim();
    } else if (name === 'ErrorCode') {
      this.errorCode = this.text.trim();
    }
    this.text = '';
  }
}

/**
 * The answer of 11st's `ProductSearch`: XML in EUC-KR. saxes reads no document type, so no entity but the
 * five of XML itself exists, none is fetched and none can be multiplied; a document type is refused at once.
 *
 * @throws Error when it is no well-formed XML
 */
export const parseElevenstXml = (bytes: Buffer): ElevenstAnswer => {
  const head = bytes.toString('latin1', 0, 200);
  const encoding = /encoding\s*=\s*["']utf-?8["']/i.test(head) ? 'utf-8' : 'euc-kr';
  const reader = new ElevenstReader();
  const parser = new SaxesParser({ position: false });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('doctype', () => {
    throw new SyntaxError('A document type is not expected');
  });
  parser.on('opentag', ({ name }) => reader.open(name));
  parser.on('text', (text) => reader.add(text));
  parser.on('cdata', (text) => reader.add(text));
  parser.on('closetag', () => reader.close());
  parser.write(new TextDecoder(encoding).decode(bytes)).close();
  const { products, errorCode, isSearch } = reader;
  return { products, errorCode, isSearch };
};
