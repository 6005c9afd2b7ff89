export {
  extractDocument,
  type ExtractItem,
  type ExtractOptions,
  type ExtractResult,
  type ExtractedDocument,
} from './extract-document.ts';
export { extractHtml, type ExplainedBlock, type HtmlExplanation, type HtmlOptions } from './extract-html.ts';
export { extractStage, type ExtractStageOptions } from './extract-stage.ts';
export { readableText, sniffBytes, sniffText, type Kind } from './sniff-kind.ts';
export { checkSelectors, type SelectorOutcome, type SiteSelectors } from './site-selectors.ts';
