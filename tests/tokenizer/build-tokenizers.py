# Trains a small tokenizer of every kind with Hugging Face's tokenizers and SentencePiece, saves each as it saves it, and
# prints what it makes of the texts: {name: {ids, special, template, decoded}}. Arguments: folder, texts.json, corpus file,
# and, to keep them small, the largest vocabulary and a file of normalization rules instead of SentencePiece's own.
import base64, io, json, sys
import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from sentencepiece import sentencepiece_model_pb2 as proto

folder, texts_file, corpus_file = sys.argv[1:4]
largest, rules = (int(sys.argv[4]), sys.argv[5]) if len(sys.argv) > 4 else (40000, None)
texts = json.load(open(texts_file))
corpus = open(corpus_file, encoding='utf8', newline='').read().split('\n')
N, P, D, M = normalizers, pre_tokenizers, decoders, models
built = {}

def wordpiece(normalizer=None, pre=None, vocab_size=900, **model):
    t = Tokenizer(M.WordPiece(unk_token='[UNK]', **model))
    t.normalizer = normalizer or N.BertNormalizer()
    t.pre_tokenizer = pre or P.BertPreTokenizer()
    t.decoder = D.WordPiece()
    t.train_from_iterator(corpus, trainers.WordPieceTrainer(vocab_size=min(vocab_size, largest), limit_alphabet=min(300, largest // 3), show_progress=False,
        special_tokens=['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']))
    return t

def bpe(model, pre=None, normalizer=None, decoder=None, special=('<s>', '</s>', '<unk>'), vocab_size=900, **options):
    t = Tokenizer(model)
    if normalizer: t.normalizer = normalizer
    if pre: t.pre_tokenizer = pre
    if decoder: t.decoder = decoder
    t.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=min(vocab_size, largest), limit_alphabet=min(200, largest // 3), show_progress=False,
        special_tokens=list(special), **options))
    return t

def spm(model_type='unigram', vocab_size=800, **options):
    out = io.BytesIO()
    if rules and options.get('normalization_rule_name') != 'identity':
        options.pop('normalization_rule_name', None)
        options['normalization_rule_tsv'] = rules
    if rules: options['character_coverage'] = 0.98
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(corpus), model_writer=out, vocab_size=min(vocab_size, 2 * largest),
        model_type=model_type, hard_vocab_limit=False, minloglevel=2, **options)
    p = proto.ModelProto()
    p.ParseFromString(out.getvalue())
    return p

def from_spm(p, pre, normalizers_after=(), byte_fallback=False):
    unk = p.trainer_spec.unk_id
    t = Tokenizer(M.Unigram([(x.piece, x.score) for x in p.pieces], unk, byte_fallback))
    charsmap = p.normalizer_spec.precompiled_charsmap
    t.normalizer = N.Sequence(([N.Precompiled(charsmap)] if charsmap else []) + list(normalizers_after))
    t.pre_tokenizer = pre
    t.decoder = D.Metaspace()
    t.add_special_tokens([AddedToken(x.piece, normalized=False, special=True) for x in p.pieces if x.type in (2, 3)])
    return t

bert = wordpiece()
bert.post_processor = processors.BertProcessing(('[SEP]', bert.token_to_id('[SEP]')), ('[CLS]', bert.token_to_id('[CLS]')))
built['bert'] = bert
cased = wordpiece(N.BertNormalizer(lowercase=False, strip_accents=False), max_input_chars_per_word=20)
cased.post_processor = processors.TemplateProcessing(single='[CLS] $A [SEP]', pair='[CLS] $A [SEP] $B:1 [SEP]:1',
    special_tokens=[(x, cased.token_to_id(x)) for x in ['[CLS]', '[SEP]']])
cased.enable_truncation(512)
cased.enable_padding(pad_token='[PAD]')
built['bert-cased'] = cased
accents = wordpiece(N.Sequence([N.NFD(), N.Lowercase(), N.StripAccents()]), P.Whitespace())
built['wordpiece-whitespace'] = accents

byte = dict(initial_alphabet=P.ByteLevel.alphabet())
gpt2 = bpe(M.BPE(), P.ByteLevel(add_prefix_space=False), decoder=D.ByteLevel(), special=('<|endoftext|>',), **byte)
built['gpt2-like'] = gpt2
roberta = bpe(M.BPE(), P.ByteLevel(add_prefix_space=True), decoder=D.ByteLevel(), special=('<s>', '<pad>', '</s>', '<unk>'), **byte)
roberta.post_processor = processors.RobertaProcessing(('</s>', 2), ('<s>', 0))
roberta.add_special_tokens([AddedToken('<mask>', lstrip=True, special=True)])
built['roberta-like'] = roberta
cl100k = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
llama3 = bpe(M.BPE(ignore_merges=True), P.Sequence([P.Split(Regex(cl100k), 'isolated'), P.ByteLevel(add_prefix_space=False, use_regex=False)]),
    decoder=D.ByteLevel(), special=('<|begin_of_text|>', '<|end_of_text|>'), **byte)
llama3.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(
    single='<|begin_of_text|> $A', pair='<|begin_of_text|> $A <|begin_of_text|>:1 $B:1', special_tokens=[('<|begin_of_text|>', 0)])])
built['llama3-like'] = llama3
qwen = bpe(M.BPE(), P.Sequence([P.Split(Regex(cl100k.replace('{1,3}', '')), 'isolated'), P.ByteLevel(add_prefix_space=False, use_regex=False)]),
    N.NFC(), D.ByteLevel(), ('<|endoftext|>', '<|im_start|>', '<|im_end|>'), **byte)
built['qwen-like'] = qwen
deepseek = bpe(M.BPE(), P.Sequence([P.Split(Regex('\\p{N}{1,3}'), 'isolated'), P.Split(Regex('[一-龥぀-ゟ゠-ヿ]+'), 'isolated'),
    P.Split(Regex("[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"), 'isolated'),
    P.ByteLevel(add_prefix_space=False, use_regex=False)]), decoder=D.ByteLevel(), special=('<s>',), **byte)
built['deepseek-like'] = deepseek
possessive = bpe(M.BPE(), P.Sequence([P.Split(Regex(r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"), 'isolated'),
    P.ByteLevel(add_prefix_space=False, use_regex=False)]), decoder=D.ByteLevel(), special=('<s>',), **byte)
built['possessive'] = possessive
built['byte-normalizer'] = bpe(M.BPE(), P.Whitespace(), N.ByteLevel(), D.ByteLevel(), ('<s>',), **byte)

bytes_ = [f'<0x{b:02X}>' for b in range(256)]
llama_decoder = D.Sequence([D.Replace('▁', ' '), D.ByteFallback(), D.Fuse(), D.Strip(' ', 1, 0)])
def llama(pre=None, normalizer=None):
    t = bpe(M.BPE(unk_token='<unk>', byte_fallback=True, fuse_unk=True), pre, normalizer, llama_decoder, ['<unk>', '<s>', '</s>'] + bytes_)
    j = json.loads(t.to_str())  # byte tokens are ordinary ones
    j['added_tokens'] = j['added_tokens'][:3]
    t = Tokenizer.from_str(json.dumps(j))
    t.post_processor = processors.TemplateProcessing(single='<s> $A', pair='<s> $A <s>:1 $B:1', special_tokens=[('<s>', 1)])
    return t
built['llama-legacy'] = llama(normalizer=N.Sequence([N.Prepend('▁'), N.Replace(' ', '▁')]))
built['llama-first'] = llama(P.Metaspace(prepend_scheme='first', split=False))
built['llama-split'] = llama(P.Metaspace(prepend_scheme='first'))
built['gemma-like'] = llama(P.Split(' ', 'merged_with_previous'), N.Replace(' ', '▁'))
clip = bpe(M.BPE(unk_token='<|endoftext|>', continuing_subword_prefix='', end_of_word_suffix='</w>', fuse_unk=False),
    P.Sequence([P.Split(Regex(r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), 'removed', invert=True), P.ByteLevel(add_prefix_space=False)]),
    N.Sequence([N.NFC(), N.Replace(Regex(r'\s+'), ' '), N.Lowercase()]), D.ByteLevel(), ('<|startoftext|>', '<|endoftext|>'), end_of_word_suffix='</w>')
built['clip-like'] = clip
built['bpe-suffix'] = bpe(M.BPE(unk_token='<unk>', end_of_word_suffix='</w>'), P.BertPreTokenizer(), N.Lowercase(), D.BPEDecoder('</w>'), end_of_word_suffix='</w>')
built['bpe-prefix'] = bpe(M.BPE(unk_token='<unk>', continuing_subword_prefix='##', fuse_unk=True), P.WhitespaceSplit(), N.NFKC(), D.WordPiece(cleanup=False), continuing_subword_prefix='##')
built['bpe-plain'] = bpe(M.BPE(), P.Sequence([P.Punctuation('contiguous'), P.Digits(True)]))

t5 = spm(eos_id=1, unk_id=2, pad_id=0, bos_id=-1)
built['t5-like'] = from_spm(t5, P.Sequence([P.WhitespaceSplit(), P.Metaspace()]))
built['t5-like'].post_processor = processors.TemplateProcessing(single='$A </s>', pair='$A </s> $B </s>', special_tokens=[('</s>', 1)])
built['t5-new'] = from_spm(t5, P.Metaspace(prepend_scheme='always'), [N.Strip(left=False, right=True), N.Replace(Regex(' {2,}'), '▁')])
built['t5-first'] = from_spm(t5, P.Metaspace(prepend_scheme='first'), [N.Strip()])
built['albert-like'] = from_spm(spm(normalization_rule_name='nmt_nfkc_cf'), P.Metaspace(), [])
built['albert-like'].normalizer = N.Sequence([N.Replace('``', '"'), N.Replace("''", '"'), N.NFKD(), N.StripAccents(), N.Lowercase(), built['albert-like'].normalizer])
built['unigram-bytes'] = from_spm(spm(byte_fallback=True, normalization_rule_name='identity', vocab_size=1000), P.Metaspace(), byte_fallback=True)
built['unigram-bytes'].decoder = D.Sequence([D.ByteFallback(), D.Metaspace()])
built['unigram-nmt'] = Tokenizer(M.Unigram())
built['unigram-nmt'].normalizer = N.Sequence([N.Nmt(), N.NFKC(), N.Replace(Regex(' {2,}'), ' ')])
built['unigram-nmt'].pre_tokenizer = P.Sequence([P.UnicodeScripts(), P.Metaspace(split=False)])
built['unigram-nmt'].decoder = D.Metaspace()
built['unigram-nmt'].train_from_iterator(corpus, trainers.UnigramTrainer(vocab_size=min(700, largest), show_progress=False, special_tokens=['<pad>', '<unk>'], unk_token='<unk>'))

level = Tokenizer(M.WordLevel(unk_token='[UNK]'))
level.pre_tokenizer = P.Sequence([P.CharDelimiterSplit('e'), P.FixedLength(3)])
level.decoder = D.CTC(pad_token='[PAD]', word_delimiter_token='t')
level.train_from_iterator(corpus, trainers.WordLevelTrainer(vocab_size=min(500, largest), show_progress=False, special_tokens=['[UNK]', '[PAD]']))
built['word-level'] = level
for behavior in ['removed', 'merged_with_previous', 'merged_with_next', 'contiguous', 'isolated']:
    split = Tokenizer(M.WordLevel({'[UNK]': 0}, '[UNK]'))
    split.pre_tokenizer = P.Split(Regex(r'[^\w\s&&[^!]]|(?i)th|\bo\b|^a|[[:punct:]]$|\h{2,}?x|(?>a+)b'), behavior, invert=behavior == 'removed')
    split.train_from_iterator(texts, trainers.WordLevelTrainer(vocab_size=largest, show_progress=False, special_tokens=['[UNK]']))
    built[f'split-{behavior}'] = split

odd = wordpiece(N.BertNormalizer(), P.BertPreTokenizer())
odd.add_tokens([AddedToken('the', single_word=True), AddedToken('Ca', normalized=False), AddedToken('And', normalized=True), 'emoji', AddedToken('  ', normalized=False)])
odd.add_special_tokens([AddedToken('<x>', lstrip=True, rstrip=True), AddedToken('<xx>', normalized=True, special=True), AddedToken('<y>', rstrip=True, single_word=True)])
built['odd-added'] = odd

answers = {}
for name, t in built.items():
    t.save(f'{folder}/{name}.json')
    t = Tokenizer.from_file(f'{folder}/{name}.json')
    t.no_truncation(); t.no_padding()
    encode = lambda text, **o: t.encode(text, **o).ids
    t.encode_special_tokens = True
    ids = [encode(x, add_special_tokens=False) for x in texts]
    t.encode_special_tokens = False
    special = [encode(x, add_special_tokens=False) for x in texts]
    answers[name] = {'ids': ids, 'special': special, 'template': encode('Hello there', add_special_tokens=True),
        'decoded': [t.decode(x, skip_special_tokens=False) for x in special]}
json.dump(answers, sys.stdout)
