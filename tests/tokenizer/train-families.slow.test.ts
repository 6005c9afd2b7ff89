// Hugging Face's tokenizers loads what we trained and gives our ids; its WordPiece is ours but for ties, and SentencePiece
// needs no fewer tokens.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createTokenizer, createWordCounter, trainTokenizer, writeTokenizerFile } from '@gristmill/tokenizer';
import { findPython, runPython } from '../python/python.ts';
import { corpusLines } from './family-corpus.ts';
import { randomTexts, strangeTexts } from './strange-texts.ts';

const python = findPython(['tokenizers', 'sentencepiece']);
const folder = mkdtempSync(join(tmpdir(), 'gristmill-'));
afterAll(() => rmSync(folder, { recursive: true }));
const trained = corpusLines.filter((_, i) => i % 8 !== 0);
const heldOut = corpusLines.filter((_, i) => i % 8 === 0);
const texts = [...heldOut, ...strangeTexts, ...randomTexts(300, 8)].map((text) => text.toWellFormed());

const program = `
import io, json, sys, sentencepiece
from tokenizers import Tokenizer
file, texts, corpus, held = sys.argv[1:]
tokenizer = Tokenizer.from_file(file)
tokenizer.encode_special_tokens = True
out = io.BytesIO()
sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(json.load(open(corpus))), model_writer=out, vocab_size=1200, byte_fallback=True,
    normalization_rule_name='identity', remove_extra_whitespaces=False, minloglevel=2, num_threads=1)
peer = sentencepiece.SentencePieceProcessor(model_proto=out.getvalue())
from tokenizers import models, normalizers, pre_tokenizers, trainers
words = Tokenizer(models.WordPiece(unk_token='[UNK]'))
words.normalizer, words.pre_tokenizer = normalizers.BertNormalizer(lowercase=False), pre_tokenizers.BertPreTokenizer()
words.train_from_iterator(json.load(open(corpus)), trainers.WordPieceTrainer(vocab_size=1200, limit_alphabet=1000, min_frequency=2,
    show_progress=False, special_tokens=['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']))
print(json.dumps({'words': sorted(words.get_vocab()), 'ids': [tokenizer.encode(x, add_special_tokens=False).ids for x in json.load(open(texts))],
    'peer': sum(len(peer.encode(x)) for x in json.load(open(held)))}))
`;

describe.skipIf(!python).each(['wordpiece', 'unigram'] as const)('a trained %s', (type) => {
  test('gives the same ids in Hugging Face’s tokenizers', () => {
    const counter = createWordCounter({ type });
    for (const line of trained) counter.addText(line);
    const json = trainTokenizer(counter.words(), { type, vocabSize: 1200 });
    const tokenizer = createTokenizer(json);
    const files = ['tokenizer', 'texts', 'corpus', 'held'].map((name) => join(folder, name));
    writeFileSync(files[0], writeTokenizerFile(json));
    [texts, trained, heldOut].forEach((list, i) => writeFileSync(files[i + 1], JSON.stringify(list)));
    const { ids, peer, words } = JSON.parse(runPython(python!, program, files)) as {
      ids: number[][];
      peer: number;
      words: string[];
    };
    expect(texts.map((text) => [...tokenizer.encode(text)])).toEqual(ids);
    const ours = heldOut.reduce((sum, text) => sum + tokenizer.encode(text).length, 0);
    if (type === 'wordpiece') {
      const { vocab } = json.model as unknown as { vocab: Record<string, number> };
      // Hugging Face breaks ties by numbers that it gives in the order of a hash table.
      const same = words.filter((word) => Object.hasOwn(vocab, word)).length;
      expect(Object.keys(vocab).length).toBe(words.length);
      expect(same / words.length).toBeGreaterThan(0.95);
    }
    if (type === 'unigram') expect(ours).toBeLessThan(1.01 * peer);
  });
});
