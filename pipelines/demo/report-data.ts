// What the demo's report shows, as plain data: report.ts draws it, collect-report.ts gathers it.

export interface ReportData {
  /** First 12 hex digits that name the corpus build. */
  readonly build: string;
  readonly seconds: number;
  readonly sources: readonly SourceRow[];
  readonly funnel: readonly FunnelRow[];
  readonly drops: readonly { stage: string; reason: string; documents: number }[];
  readonly languages: readonly { language: string; documents: number }[];
  readonly clusters: readonly Cluster[];
  /** Loss in nats per token by optimiser step. */
  readonly trainingLoss: readonly LossPoint[];
  readonly validationLoss: readonly LossPoint[];
  /** Bits over the UTF-8 bytes of the validation documents; lower is better. */
  readonly compression: readonly { name: string; bitsPerByte: number }[];
  readonly samples: readonly { prompt: string; text: string }[];
  readonly model: readonly { name: string; value: string }[];
}

export interface SourceRow {
  readonly name: string;
  readonly kind: string;
  readonly acquired: number;
  readonly kept: number;
  readonly tokens: number;
}

export interface FunnelRow {
  readonly stage: string;
  readonly documentsIn: number;
  readonly documentsOut: number;
  readonly bytesOut?: number;
  readonly tokensOut?: number;
  readonly computed: number;
  readonly reused: number;
}

export interface LossPoint {
  readonly step: number;
  readonly loss: number;
}

/** A survivor and the documents it is witness for. */
export interface Cluster {
  readonly survivor: ClusterMember;
  readonly removed: readonly (ClusterMember & { similarity: number })[];
}

export interface ClusterMember {
  readonly name: string;
  readonly source: string;
  readonly excerpt: string;
}
