// Hugging Face's trainers and SentencePiece on the texts that our trainers had, each in a process of its own on one core.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPython } from '../python/python.ts';

export interface TrainingReport {
  readonly type: string;
  readonly cpuSeconds: number;
  /** Of which cutting the texts into words. */
  readonly countSeconds?: number;
  readonly peakMemoryMb: number;
  readonly vocabSize: number;
  /** On held-out texts. */
  readonly bytesPerToken: number;
}

const program = `
import io, json, os, resource, sys, time
os.environ['RAYON_NUM_THREADS'] = '1'
peer, kind, path, size = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
seen, held = json.load(open(path, encoding='utf8'))
start = time.process_time()
if peer == 'tokenizers':
    import tokenizers
    from tokenizers import Tokenizer, models, trainers, normalizers, pre_tokenizers
    version = tokenizers.__version__
    if kind == 'wordpiece':
        t = Tokenizer(models.WordPiece(unk_token='[UNK]'))
        t.normalizer, t.pre_tokenizer = normalizers.BertNormalizer(lowercase=False), pre_tokenizers.BertPreTokenizer()
        trainer = trainers.WordPieceTrainer(vocab_size=size, limit_alphabet=1000, min_frequency=2, show_progress=False,
            special_tokens=['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'])
    else:
        t = Tokenizer(models.Unigram())
        t.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer = trainers.UnigramTrainer(vocab_size=size, show_progress=False, special_tokens=['<pad>', '</s>', '<unk>'], unk_token='<unk>')
    t.train_from_iterator(seen, trainer)
    used, vocab = time.process_time() - start, t.get_vocab_size()
    tokens = sum(len(x.ids) for x in t.encode_batch(held, add_special_tokens=False))
else:
    import sentencepiece
    version = sentencepiece.__version__
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=(l for x in seen for l in x.split('\\n')), model_writer=out, vocab_size=size, model_type='unigram',
        byte_fallback=True, normalization_rule_name='identity', remove_extra_whitespaces=False, hard_vocab_limit=False, minloglevel=2, num_threads=1,
        input_sentence_size=0, max_sentence_length=1 << 22)
    used = time.process_time() - start
    p = sentencepiece.SentencePieceProcessor(model_proto=out.getvalue())
    vocab, tokens = p.get_piece_size(), sum(len(p.encode(l)) for x in held for l in x.split('\\n'))
print(json.dumps({'type': kind, 'name': peer, 'version': version, 'cpuSeconds': used, 'vocabSize': vocab,
    'peakMemoryMb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 'bytesPerToken': sum(len(x.encode()) for x in held) / tokens}))
`;

export interface PeerTraining extends TrainingReport {
  readonly name: string;
  readonly version: string;
}

/** SentencePiece leaves line feeds out: a line is a sentence to it. @param texts seen and held-out ones */
export function askFamilyPeers(
  python: string,
  texts: readonly [readonly string[], readonly string[]],
  { types, vocabSize }: { types: readonly string[]; vocabSize: number },
): PeerTraining[] {
  const folder = mkdtempSync(join(tmpdir(), 'gristmill-'));
  const file = join(folder, 'texts.json');
  try {
    writeFileSync(file, JSON.stringify(texts));
    const ask = (peer: string, type: string): PeerTraining =>
      JSON.parse(runPython(python, program, [peer, type, file, String(vocabSize)])) as PeerTraining;
    return types.flatMap((type) =>
      (type === 'unigram' ? ['tokenizers', 'sentencepiece'] : ['tokenizers']).map((peer) => ask(peer, type)),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
