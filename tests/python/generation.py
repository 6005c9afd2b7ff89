# Beam search and log-likelihoods by transformers. argv[1]: a model directory; standard input {prompts, asked, pairs}.
# Pairs are cut as lm-evaluation-harness cuts them: spaces at a prompt's end belong to what follows.
import json, sys, torch, transformers
from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
given = json.load(sys.stdin)
model = GPT2LMHeadModel.from_pretrained(sys.argv[1]).eval()
tokenizer = PreTrainedTokenizerFast(tokenizer_file=sys.argv[1] + '/tokenizer.json')
end = model.config.eos_token_id

def write(prompt, beams, lengthPenalty, maxTokens, repetitionPenalty):
    tokens = torch.tensor([prompt])
    written = model.generate(tokens, attention_mask=torch.ones_like(tokens), num_beams=beams, do_sample=False,
                             length_penalty=lengthPenalty, max_new_tokens=maxTokens, early_stopping=False,
                             repetition_penalty=repetitionPenalty, pad_token_id=end)[0].tolist()[len(prompt):]
    return written[:written.index(end)] if end in written else written

def score(prompt, continuation):
    trimmed = prompt.rstrip()
    before = tokenizer.encode(trimmed, add_special_tokens=False) if trimmed else []
    whole = tokenizer.encode(prompt + continuation if trimmed else continuation, add_special_tokens=False)
    wanted = whole[len(before):]
    tokens = ((before or [end]) + wanted)[-(model.config.n_positions + 1):]
    with torch.no_grad():
        logits = model(torch.tensor([tokens[:-1]])).logits[0].double()
    logits = logits[-len(wanted):]
    chosen = torch.log_softmax(logits, -1).gather(1, torch.tensor(wanted)[:, None])
    return {'logLikelihood': chosen.sum().item(), 'greedy': bool((logits.argmax(-1) == torch.tensor(wanted)).all())}

print(json.dumps({
    'texts': [[write(prompt, **asked) for prompt in given['prompts']] for asked in given['asked']],
    'scored': [score(**pair) for pair in given['pairs']],
}))
