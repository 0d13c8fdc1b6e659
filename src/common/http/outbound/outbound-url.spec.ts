import { describe, expect, it } from '@jest/globals';

import { HostList } from './host-list.js';
import { DEFAULT_PORTS, parseOutboundUrl, type UrlRules } from './outbound-url.js';

const rules = (lists: { hosts?: string[]; privateHosts?: string[] } = {}): UrlRules => ({
  allowedHosts: lists.hosts ? new HostList(lists.hosts) : 'any',
  allowedPrivateHosts: new HostList(lists.privateHosts ?? []),
  allowedPorts: new Set(DEFAULT_PORTS),
});

describe('parseOutboundUrl', () => {
  it.each([
    ['', 'forbidden_url', 'malformed'],
    ['images.example.com/a.jpg', 'forbidden_url', 'malformed'],
    ['http://[::1/', 'forbidden_url', 'malformed'],
    ['http://256.256.256.256/', 'forbidden_url', 'malformed'],
    [`http://example.com/${'a'.repeat(8_192)}`, 'forbidden_url', 'too_long'],
    ['ftp://example.com/', 'forbidden_url', 'scheme'],
    ['file:///etc/passwd', 'forbidden_url', 'scheme'],
    ['http://user@example.com/', 'forbidden_url', 'user_info'],
    ['http://:pw@example.com/', 'forbidden_url', 'user_info'],
    ['http://example.com:22/', 'forbidden_url', 'port'],
    ['http://example.com:0/', 'forbidden_url', 'port'],
    ['http://example..com/', 'forbidden_url', 'bad_host'],
    ['http://example.com../', 'forbidden_url', 'bad_host'],
    ['http://a,b.example.com/', 'forbidden_url', 'bad_host'],
    ['http://-a.example.com/', 'forbidden_url', 'bad_host'],
    ['http://127.0.0.1/', 'forbidden_address', 'loopback'],
    ['http://0x7f.1/', 'forbidden_address', 'loopback'],
    ['http://１２７。０。０。１/', 'forbidden_address', 'loopback'],
    ['http://[::ffff:7f00:1]/', 'forbidden_address', 'ipv4_mapped'],
    ['http://localhost/', 'forbidden_address', 'local_name'],
    ['http://ｌocalhost./', 'forbidden_address', 'local_name'],
    ['http://backend/', 'forbidden_address', 'local_name'],
    ['http://a.b.internal/', 'forbidden_address', 'local_name'],
    ['http://metadata.google.internal/', 'forbidden_address', 'metadata_name'],
    ['http://metadata/', 'forbidden_address', 'metadata_name'],
  ])('refuses %s (%s, %s)', (url, kind, reason) => {
    expect(() => parseOutboundUrl(url, rules())).toThrow(expect.objectContaining({ kind, reason }));
  });

  it('normalises what it lets pass', () => {
    const target = parseOutboundUrl(' HTTPS://IMAGES.Example.com.:443/a b?x=1#top', rules());

    expect(target.url.href).toBe('https://images.example.com/a%20b?x=1');
    expect(target).toMatchObject({ host: 'images.example.com', isPrivateHost: false });
  });

  describe('with a list of allowed hosts', () => {
    const listed = rules({ hosts: ['cdn.example.com', '*.photos.example.com', 'one.test:9000'] });

    it.each([
      'https://cdn.example.com/',
      'http://CDN.example.com.:8080/',
      'https://a.photos.example.com/',
      'https://a.b.photos.example.com/',
      'http://one.test:9000/',
    ])('lets %s pass', (url) => {
      expect(() => parseOutboundUrl(url, listed)).not.toThrow();
    });

    it.each([
      ['https://example.com/', 'host_not_listed'],
      ['https://cdn.example.com.evil.test/', 'host_not_listed'],
      ['https://evilcdn.example.com/', 'host_not_listed'],
      ['https://photos.example.com/', 'host_not_listed'],
      ['https://evilphotos.example.com/', 'host_not_listed'],
      ['https://cdn.example.com:9000/', 'port'],
      ['http://one.test/', 'host_not_listed'],
      ['http://8.8.8.8/', 'host_not_listed'],
    ])('refuses %s (%s)', (url, reason) => {
      expect(() => parseOutboundUrl(url, listed)).toThrow(expect.objectContaining({ reason }));
    });

    it('means "none" when it is empty', () => {
      expect(() => parseOutboundUrl('https://example.com/', rules({ hosts: [] }))).toThrow();
    });

    it('still judges the addresses of a listed host', () => {
      const both = rules({ hosts: ['127.0.0.1', 'localhost'] });

      expect(() => parseOutboundUrl('http://127.0.0.1/', both)).toThrow();
      expect(() => parseOutboundUrl('http://localhost/', both)).toThrow();
    });

    it('narrows private hosts too: such a host stands in both lists', () => {
      const narrow = rules({ hosts: ['cdn.example.com'], privateHosts: ['minio'] });
      const both = rules({ hosts: ['cdn.example.com', 'minio'], privateHosts: ['minio'] });

      expect(() => parseOutboundUrl('http://minio:9000/', narrow)).toThrow();
      expect(() => parseOutboundUrl('http://minio:9000/', both)).not.toThrow();
    });
  });

  describe('with private hosts', () => {
    const opened = rules({ privateHosts: ['127.0.0.1', 'minio:9000', '[::1]:9000', 'metadata'] });

    it.each([
      ['http://127.0.0.1:54321/', true],
      ['http://0x7f.1:54321/', true],
      ['http://minio:9000/', true],
      ['http://[0:0::1]:9000/', true],
      ['http://example.com/', false],
    ])('opens %s: %s', (url, isPrivateHost) => {
      expect(parseOutboundUrl(url, opened)).toMatchObject({ isPrivateHost });
    });

    it.each([
      'http://127.0.0.2:54321/',
      'http://minio/',
      'http://minio:9001/',
      'http://[::1]/',
      'http://[::ffff:127.0.0.1]/',
      'http://localhost/',
      'http://metadata/',
    ])('keeps %s closed', (url) => {
      expect(() => parseOutboundUrl(url, opened)).toThrow();
    });
  });
});

describe(HostList.name, () => {
  it.each([
    'http://example.com',
    'example.com/path',
    '*',
    '*.',
    'a.*.com',
    'user@host',
    'host:0',
    'host:99999',
    'host:port',
    '[::1',
    'two words',
  ])('refuses the entry %s at start', (entry) => {
    expect(() => new HostList(['fine.example.com', entry])).toThrow(entry);
  });

  it.each([
    ['EXAMPLE.com', 'example.com'],
    ['사진.한국', 'xn--vf4bi0o.xn--3e0b707e'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['10.1', '10.0.0.1'],
    ['host.', 'host'],
  ])('understands the entry %s', (entry, host) => {
    expect(new HostList([entry]).has(host, 1)).toBe(true);
  });
});
