// The nouns: a statement is what one protocol said about one document, at one place; a consent is all of them with the
// outcome. Nothing here reads a network or a file.

/** Protocols, as columns and reports name them. */
export type Protocol =
  | 'robots'
  | 'aipref'
  | 'content-signal'
  | 'tdmrep'
  | 'rsl'
  | 'meta-robots'
  | 'x-robots-tag'
  | 'ai.txt'
  | 'iptc'
  | 'http-402';

/** For what the document would be used. `research`: by the research organisations of Article 3 of directive 2019/790. */
export type Purpose = 'train' | 'research' | 'search';

/** `conditional`: allowed against payment or under terms that nobody here has met. */
export type Verdict = 'allow' | 'deny' | 'conditional' | 'unknown';

/** Readings of a statement that a recipe may count or not: see `ConsentPolicy`. */
export type Reading = 'agents' | 'noarchive' | 'noindex' | 'oldLabels';

export interface Statement {
  readonly protocol: Protocol;
  /** URL of the file, or the place inside the answer: `header content-usage`, `meta robots`. */
  readonly where: string;
  /** SHA-256 of what was read: the whole file, or the header's or element's text. */
  readonly sha256: string;
  /** ISO 8601, where it is known. */
  readonly fetchedAt?: string;
  /** 1-based line, or number of the rule, in the file. */
  readonly rule?: number;
  /** As it was written, at most 500 bytes of UTF-8. */
  readonly raw: string;
  /** For training, with research that may not disregard it. */
  readonly verdict: Verdict;
  /** For a search index, where that is not the same. */
  readonly search?: Verdict;
  /** It counts only where this reading does. */
  readonly needs?: Reading;
  /** A more specific statement of the same protocol counts in its place. */
  readonly superseded?: true;
  /** A later reading of the same file of the host counts in its place. */
  readonly outdated?: true;
  /** Read from a file of the host by itself, after the document was fetched. */
  readonly later?: true;
  readonly policyUrl?: string;
  /** As it was asked for: `USD 0.01`. */
  readonly price?: string;
}

/** An agreement of one's own, named in the recipe, that counts more than what was said to everybody. */
export interface Override {
  readonly kind: 'licence' | 'contract';
  readonly reference: string;
}

export interface Consent {
  readonly agent: string;
  readonly purpose: Purpose;
  readonly statements: readonly Statement[];
  readonly result: 'allow' | 'deny' | 'unknown';
  /** Index of the statement that decided. */
  readonly decidedBy?: number;
  readonly override?: Override;
}

/** What a recipe may choose. Without a word everything below is as the default says. */
export interface ConsentPolicy {
  /** Default `train`. */
  readonly purpose?: Purpose;
  /** Further product tokens whose refusal in robots.txt counts as a refusal of training, such as `trainingAgents`. */
  readonly agents?: readonly string[];
  /** `noarchive` refuses training, as for Bing's and Amazon's bots. Default false. */
  readonly noarchive?: boolean;
  /** `noindex`, `none` and a passed `unavailable_after` refuse training too. Default true. */
  readonly noindex?: boolean;
  /** Labels of older AIPREF drafts (`ai`, `genai`, `train-genai`, `all`, `bots`, `tdm`) count. Default false. */
  readonly oldLabels?: boolean;
  /** Refusals that count, by their words (`refusalCodes`). Default: all that the readings above leave. */
  readonly obey?: readonly string[];
  readonly override?: Override;
}
