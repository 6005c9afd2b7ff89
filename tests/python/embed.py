# Mean-pooled, normalised embeddings of the JSON lines {text} on standard input, by the model in argv[1]; JSON out. One
# text at a time, so nothing is padded.
import json, sys, torch
from transformers import AutoModel, PreTrainedTokenizerFast
tokenizer = PreTrainedTokenizerFast(tokenizer_file=sys.argv[1] + '/tokenizer.json')
model = AutoModel.from_pretrained(sys.argv[1]).eval()
most = model.config.max_position_embeddings
results = []
for line in sys.stdin:
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    ids = tokenizer.backend_tokenizer.encode(json.loads(line)['text']).ids
    if len(ids) > most:
        ids = ids[:most - 1] + ids[-1:]
    with torch.no_grad():
        mean = model(torch.tensor([ids])).last_hidden_state.mean(1)
    results.append(torch.nn.functional.normalize(mean, dim=1)[0].tolist())
print(json.dumps(results))
