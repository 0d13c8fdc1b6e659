import { generateKeyPairSync, sign } from 'node:crypto';

/** Just enough DER for a self-signed certificate, so that no private key lies in the repository. */
const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), content]);
};

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const bits = (content: Uint8Array): Buffer => der(0x03, Buffer.of(0), content);
const text = (tag: number, value: string): Buffer => der(tag, Buffer.from(value, 'latin1'));

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = oid('550403');
const SUBJECT_ALT_NAME = oid('551d11');
const BASIC_CONSTRAINTS = oid('551d13');
const TRUE = Buffer.of(0x01, 0x01, 0xff);

/** A certificate that is its own authority, valid for these DNS names. */
export const selfSigned = (...names: readonly string[]): { key: string; cert: string } => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(der(0x31, sequence(COMMON_NAME, text(0x0c, 'desk-ai test'))));
  const altNames = sequence(...names.map((value) => text(0x82, value)));
  const extensions = sequence(
    sequence(SUBJECT_ALT_NAME, der(0x04, altNames)),
    sequence(BASIC_CONSTRAINTS, der(0x04, sequence(TRUE))),
  );
  const body = sequence(
    der(0xa0, Buffer.of(0x02, 0x01, 0x02)),
    Buffer.of(0x02, 0x01, 0x01),
    ECDSA_WITH_SHA256,
    name,
    sequence(text(0x17, '200101000000Z'), text(0x17, '491231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const certificate = sequence(body, ECDSA_WITH_SHA256, bits(sign('sha256', body, privateKey)));
  const base64 = certificate.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  };
};
