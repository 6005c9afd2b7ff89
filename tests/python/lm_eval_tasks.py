# Tasks of a folder by lm-evaluation-harness. argv: a model directory, a folder with its YAML files, their names. JSON out:
# by task its metrics, and the log-likelihoods of each item.
import json, os, sys
os.environ['OMP_NUM_THREADS'] = '1'  # small products wait for no other thread
os.environ['HF_HUB_OFFLINE'] = '1'
os.environ['HF_HOME'] = sys.argv[2] + '/cache'
os.environ['HF_DATASETS_OFFLINE'] = '1'
from lm_eval import simple_evaluate
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager
from transformers import PreTrainedTokenizerFast
model, folder, names = sys.argv[1], sys.argv[2], sys.argv[3:]
tokenizer = PreTrainedTokenizerFast(tokenizer_file=model + '/tokenizer.json', eos_token='<|endoftext|>')
lm = HFLM(pretrained=model, tokenizer=tokenizer, backend='causal', device='cpu', dtype='float32', batch_size=8)
found = simple_evaluate(model=lm, tasks=names, bootstrap_iters=0, log_samples=True,
                        task_manager=TaskManager(include_path=folder, include_defaults=False))
scores = lambda sample: [float(one[0][0]) for one in sample['resps']]
with open(folder + '/result.json', 'w') as out:
    json.dump({name: {
        'metrics': {key.split(',')[0]: value for key, value in found['results'][name].items() if isinstance(value, (int, float))},
        'logLikelihoods': [scores(sample) for sample in sorted(found['samples'][name], key=lambda one: one['doc_id'])],
    } for name in names}, out)
