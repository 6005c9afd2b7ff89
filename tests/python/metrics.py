# Scores of segments by sacreBLEU and rouge_score. Standard input: a list of {metric, options, segments: [[hyp, refs]]};
# output: for each {score, signature, verbose?}.
import json, sys
from sacrebleu.metrics import BLEU, CHRF, TER
from rouge_score import rouge_scorer

def columns(segments):
    most = max(len(refs) for _, refs in segments)
    return [[refs[i] if i < len(refs) else None for _, refs in segments] for i in range(most)]

def measure(metric, options, segments):
    if metric == 'rouge-l':
        scorer = rouge_scorer.RougeScorer(['rougeL'])
        scores = [scorer.score_multi(refs, hyp)['rougeL'].fmeasure for hyp, refs in segments]
        return {'score': sum(scores) / len(scores)}
    made = {'bleu': BLEU, 'chrf': CHRF, 'ter': TER}[metric](**options)
    score = made.corpus_score([hyp for hyp, _ in segments], columns(segments))
    return {'score': score.score, 'signature': str(made.get_signature()), 'verbose': score._verbose}

print(json.dumps([measure(**asked) for asked in json.load(sys.stdin)]))
