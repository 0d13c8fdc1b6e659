/**
 * Marks a JPEG as made by AI, in the way that picture viewers, search engines and the law's
 * technical standards read: the XMP property Iptc4xmpExt:DigitalSourceType. The segment is put
 * behind the start marker without encoding the picture again.
 * Sources: XMP specification part 3, 1.1.3 (APP1 segment); IPTC Digital Source Type vocabulary.
 */
const XMP_HEADER = 'http://ns.adobe.com/xap/1.0/\0';
const SOURCE_TYPE =
  'http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia';

const XMP_PACKET = `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<Iptc4xmpExt:DigitalSourceType>${SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>
<xmp:CreatorTool>Desk AI</xmp:CreatorTool>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`;

const START_OF_IMAGE = 0xffd8;
const APP1 = 0xffe1;
const APP0 = 0xffe0;

/** @throws TypeError when the bytes are no JPEG */
export const markAsAiMade = (jpeg: Buffer): Buffer => {
  if (jpeg.length < 4 || jpeg.readUInt16BE(0) !== START_OF_IMAGE) {
    throw new TypeError('Expected a JPEG');
  }
  // JFIF wants its APP0 segment first.
  const at = jpeg.readUInt16BE(2) === APP0 ? 4 + jpeg.readUInt16BE(4) : 2;
  const payload = Buffer.from(XMP_HEADER + XMP_PACKET, 'utf8');
  const head = Buffer.alloc(4);
  head.writeUInt16BE(APP1, 0);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, at), head, payload, jpeg.subarray(at)]);
};
