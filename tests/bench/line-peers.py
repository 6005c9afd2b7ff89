# FineWeb's order by datatrove's own classes, one process: filters, MinHash of 14 bands of 8, personal data, tokens.
# line-peers.py IN TOKENIZER OUT -> one JSON object: version, documents kept, CPU seconds of each step and their sum.
import json
import resource
import sys

from loguru import logger

logger.remove()
import datatrove
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.pipeline.formatters import PIIFormatter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.tokens import DocumentTokenizer
from datatrove.pipeline.writers import JsonlWriter
from importlib.metadata import version

source, tokenizer, out = sys.argv[1:]


def cpu():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


steps = {}


def step(name, pipeline, tasks=1):
    start = cpu()
    LocalPipelineExecutor(
        pipeline=pipeline, tasks=tasks, workers=1, logging_dir=f"{out}/log/{name}", skip_completed=False
    ).run()
    steps[name] = round(cpu() - start, 2)


def read(folder):
    return JsonlReader(folder, text_key="text", id_key="id")


config = MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8)
# C4 without its rule for lines, as FineWeb runs it.
filters = [
    GopherRepetitionFilter(),
    GopherQualityFilter(),
    C4QualityFilter(filter_no_terminal_punct=False),
    FineWebQualityFilter(),
]
step("filters", [read(source), *filters, JsonlWriter(f"{out}/filtered")])
step("signatures", [read(f"{out}/filtered"), MinhashDedupSignature(f"{out}/signatures", config=config)])
step("buckets", [MinhashDedupBuckets(f"{out}/signatures", f"{out}/buckets", config=config)], 14)
step("clusters", [MinhashDedupCluster(f"{out}/buckets", f"{out}/removed", config=config)])
deduplicate = [read(f"{out}/filtered"), MinhashDedupFilter(f"{out}/removed"), PIIFormatter()]
step("deduplicate", [*deduplicate, JsonlWriter(f"{out}/kept")])
tokenize = DocumentTokenizer(
    f"{out}/tokens",
    tokenizer_name_or_path=tokenizer,
    eos_token="<|endoftext|>",
    local_working_dir=f"{out}/scratch",
)
step("tokens", [read(f"{out}/kept"), tokenize])
kept = sum(1 for _ in read(f"{out}/kept")())
print(
    json.dumps(
        {
            "version": version("datatrove"),
            "documents": kept,
            "cpuSeconds": round(sum(steps.values()), 2),
            "steps": steps,
        }
    )
)
