// The spaces that cutting at punctuation puts into English text, taken out again as Hugging Face's decoders do it.

const repairs = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
] as const;

export function cleanUp(text: string): string {
  return repairs.reduce((clean, [from, to]) => clean.replaceAll(from, to), text);
}
