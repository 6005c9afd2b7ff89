// Rules by host: what is said of `example.org` holds for its subdomains, unless more is said of one of these.

/**
 * The entry of `rules` for the host of a URL: of the host with its port, the host, or the nearest domain above it.
 * @example ruleOfHost({ 'example.org': 1 }, 'https://www.example.org/a') // 1
 */
export function ruleOfHost<T>(rules: Readonly<Record<string, T>>, url: string): T | undefined {
  const parsed = URL.parse(url);
  if (!parsed) return undefined;
  const { host, hostname } = parsed;
  if (Object.hasOwn(rules, host)) return rules[host];
  // Labels of an address are no domains.
  const isAddress = /^[\d.]+$|^\[/.test(hostname);
  for (
    let name = hostname;
    name !== '';
    name = isAddress ? '' : name.slice(name.indexOf('.') + 1 || name.length)
  )
    if (Object.hasOwn(rules, name)) return rules[name];
  return undefined;
}

/** Whether a name is written as hosts of URLs are: lower case, punycode, a port where it is not the usual one. */
export function isHostName(name: string): boolean {
  return name !== '' && URL.parse(`http://${name}/`)?.host === name;
}
