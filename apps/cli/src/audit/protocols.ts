// The words of libs/consent that a recipe may obey, in a sentence each, for people who sign.

export const protocolWords: Readonly<Record<string, string>> = {
  robots: 'robots.txt (RFC 9309): paths that are disallowed to our crawler',
  aipref: 'IETF AI preferences (Content-Usage in robots.txt and in headers): train-ai=n',
  'content-signal': 'Content Signals in robots.txt and in headers: ai-train=no',
  tdmrep: 'TDM Reservation Protocol (tdmrep.json, headers, metadata of pages and books): reservation 1',
  rsl: 'Really Simple Licensing: training is prohibited, or not licensed',
  'rsl-conditional': 'Really Simple Licensing: training is licensed against payment or under conditions',
  noai: 'meta robots and X-Robots-Tag: noai',
  noindex: 'meta robots and X-Robots-Tag: noindex, none, a passed unavailable_after',
  'ai.txt': 'ai.txt (Spawning): text is disallowed',
  iptc: 'IPTC and PLUS data mining metadata: any prohibition',
  'http-402': 'HTTP 402: access is sold; nothing is paid',
  noarchive: 'noarchive, read as a refusal of training (a stricter reading)',
  'aipref-old': 'labels of older AI preference drafts (a stricter reading)',
  'robots-agents': 'robots.txt refuses another AI training crawler (a stricter reading)',
};
