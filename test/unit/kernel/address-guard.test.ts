import { describe, expect, it } from 'vitest';
import { checkAddress, parseAllowedHosts } from '../../../worker/kernel/address-guard.ts';

const isRefused = (text: string, allowed = ''): boolean => !checkAddress(text, parseAllowedHosts(allowed)).ok;

describe('public addresses', () => {
  it.each([
    'https://example.com',
    'http://example.com:8080/health?x=1',
    'https://EXAMPLE.com./',
    'https://8.8.8.8/',
    'https://172.15.255.255',
    'https://172.32.0.1',
    'https://100.63.0.1',
    'https://100.128.0.1',
    'https://[2606:4700:4700::1111]/',
    'https://bücher.example',
    'https://internal.example.com',
    'https://localhost.example.com',
    'https://10.0.0.1.example.com',
  ])('%s passes', (text) => {
    expect(checkAddress(text)).toMatchObject({ ok: true });
  });
});

describe('ports', () => {
  it.each(['http://example.com', 'https://example.com:443', 'https://example.com:80', 'http://example.com:1024'])(
    'of the web: %s passes',
    (text) => {
      expect(isRefused(text)).toBe(false);
    },
  );
  it.each([22, 25, 53, 79, 81, 110, 143, 442, 445, 465, 587, 1023, 0])('%i is refused', (port) => {
    expect(checkAddress(`http://example.com:${port}/`)).toMatchObject({
      ok: false,
      message: `The port ${port} is not one for the web; 80, 443 and those from 1024 on are.`,
    });
    expect(isRefused(`https://8.8.8.8:${port}/`)).toBe(true);
  });
  it('are the operator’s to open, host by host', () => {
    expect(isRefused('http://mail.example.com:25', 'mail.example.com:25')).toBe(false);
    expect(isRefused('http://other.example.com:25', 'mail.example.com:25')).toBe(true);
  });
});

describe('what is refused', () => {
  it.each([
    'ftp://example.com',
    'file:///etc/passwd',
    'gopher://example.com',
    'javascript:alert(1)',
    'data:text/plain,x',
    '//example.com',
    'example.com',
    '',
    'https://',
    'https://user:password@example.com',
    'https://user@example.com',
    'https://:password@example.com',
  ])('the URL "%s"', (text) => {
    expect(isRefused(text)).toBe(true);
  });

  it.each([
    'localhost',
    'LOCALHOST.',
    'api.localhost',
    'metadata',
    'metadata.google.internal',
    'metadata.google.internal.',
    'instance-data.ec2.internal',
    'printer.local',
    'router.lan',
    'nas.home.arpa',
    'intranet',
    '1.0.0.127.in-addr.arpa',
  ])('the name %s', (host) => {
    expect(isRefused(`https://${host}/`)).toBe(true);
    expect(isRefused(`http://${host}:8080`)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '127.0.0.1.',
  ])('the address %s', (host) => {
    expect(isRefused(`http://${host}/`)).toBe(true);
  });

  it.each([
    '2130706433',
    '0x7f000001',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '017700000001',
    '127.1',
    '127.0.1',
    '0',
    '134744072', // 8.8.8.8: public, but written to be overlooked
    '0x08080808',
    '010.8.8.8',
    '１２７.0.0.1',
    '127。0。0。1',
    '%31%32%37.0.0.1',
  ])('the odd notation %s', (host) => {
    expect(isRefused(`http://${host}/`)).toBe(true);
  });

  it('a decoy elsewhere in the URL does not make an odd notation regular', () => {
    expect(isRefused('http://0x08080808/?x=8.8.8.8')).toBe(true);
  });

  it.each([
    '[::]',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:8.8.8.8]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[fe80::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[ff02::1]',
    '[2001:db8::1]',
    '[2001::1]',
    '[2002:7f00:1::]',
    '[3fff::1]',
    '[4000::1]',
  ])('the address %s', (host) => {
    expect(isRefused(`http://${host}/`)).toBe(true);
  });
});

describe("the operator's list", () => {
  it('lets through exactly what it names', () => {
    const list = ' 10.0.0.5, build.corp:8443 ,.internal,[::1]:8080';
    expect(isRefused('http://10.0.0.5:9000/', list)).toBe(false);
    expect(isRefused('http://10.0.0.6/', list)).toBe(true);
    expect(isRefused('https://build.corp:8443/', list)).toBe(false);
    expect(isRefused('https://build.corp/', list)).toBe(true);
    expect(isRefused('https://ci.internal/', list)).toBe(false);
    expect(isRefused('https://internal/', list)).toBe(true);
    expect(isRefused('http://[::1]:8080/', list)).toBe(false);
    expect(isRefused('http://[::1]/', list)).toBe(true);
  });

  it('says nothing about schemes and passwords', () => {
    expect(isRefused('ftp://10.0.0.5/', '10.0.0.5')).toBe(true);
    expect(isRefused('http://a:b@10.0.0.5/', '10.0.0.5')).toBe(true);
  });

  it('is empty when nothing is set', () => {
    expect(parseAllowedHosts('')).toEqual([]);
    expect(isRefused('http://127.0.0.1/', ' , ')).toBe(true);
  });
});
