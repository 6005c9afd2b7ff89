# Numbers of parameters by transformers, on the meta device: of the bare model, and with its head.
#   node tests/models/recorded/print-decoders.ts | python tests/models/recorded/count-parameters.py \
#     > tests/models/recorded/parameter-counts.json
import json, sys, torch, transformers
from transformers import AutoConfig, AutoModelForCausalLM

transformers.utils.logging.set_verbosity_error()
count = lambda module: sum(parameter.numel() for parameter in module.parameters())
counts = {}
for name, given in json.load(sys.stdin).items():
    for key in ('final_logit_softcapping', 'initializer_range'):
        if given.get(key) is not None:
            given[key] = float(given[key])
    with torch.device('meta'):
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(given.pop('model_type'), **given))
    counts[name] = {'bare': count(model.base_model), 'withHead': count(model)}
versions = {'transformers': transformers.__version__, 'torch': torch.__version__}
print(json.dumps({'versions': versions, 'counts': counts}, indent=2))
