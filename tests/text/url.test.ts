import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canonicalUrl, registrableDomain } from '@gristmill/text';

describe('canonicalUrl', () => {
  it.each([
    ['HTTP://Example.ORG:80/a/../%7euser?utm_source=x#top', 'http://example.org/~user'],
    ['https://example.org:443', 'https://example.org/'],
    ['https://me:secret@example.org/?', 'https://example.org/'],
    ['https://example.org/?b=2&utm_Medium=mail&a=1&fbclid=q', 'https://example.org/?b=2&a=1'],
    ['https://example.org/caf%c3%a9', 'https://example.org/caf%C3%A9'],
    ['https://example.org/café', 'https://example.org/caf%C3%A9'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
    ['https://example.org/a%2fb', 'https://example.org/a%2Fb'],
  ])('gives %s one spelling', (url, canonical) => {
    expect(canonicalUrl(url)).toBe(canonical);
  });

  it('resolves a link against the page it stands on', () => {
    expect(canonicalUrl('../b?x=1#y', 'https://example.org/a/c/')).toBe('https://example.org/a/b?x=1');
  });

  it('has no form for what is no web address', () => {
    for (const url of ['mailto:a@example.org', 'javascript:void(0)', 'not a url', 'https://', 'ftp://a/b']) {
      expect(canonicalUrl(url)).toBeUndefined();
    }
  });

  it('never makes a new escape out of parts of two', () => {
    for (const url of ['http://h/%%34%31', 'http://h/%4%31', 'http://h/%25%34%31']) {
      const once = canonicalUrl(url)!;
      expect(canonicalUrl(once)).toBe(once);
      expect(once).not.toContain('/A');
    }
  });

  const cases = new URL('../../../shared/data/url-tests/urltestdata.json', import.meta.url);
  it.skipIf(!existsSync(cases))('is idempotent and keeps the host on the cases of web-platform-tests', () => {
    type Case = { input: string; base: string | null; href?: string; failure?: boolean; host?: string };
    const list = (JSON.parse(readFileSync(cases, 'utf8')) as (Case | string)[]).filter(
      (entry): entry is Case => typeof entry !== 'string' && /^https?:/.test((entry as Case).href ?? ''),
    );
    expect(list.length).toBeGreaterThan(200);
    for (const { input, base, host } of list) {
      const once = canonicalUrl(input, base ?? undefined);
      expect(once, input).toBeDefined();
      expect(canonicalUrl(once!), input).toBe(once);
      expect(new URL(once!).host).toBe(host);
    }
  });
});

describe('registrableDomain', () => {
  it.each([
    ['https://www.news.example.co.uk/x', 'example.co.uk'],
    ['me.github.io', 'me.github.io'],
    ['http://a.me.github.io/', 'me.github.io'],
    ['http://127.0.0.1:8080/x', '127.0.0.1'],
    ['localhost', 'localhost'],
  ])('of %s is %s', (url, domain) => {
    expect(registrableDomain(url)).toBe(domain);
  });
});
