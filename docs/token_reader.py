"""Reads a tokens/<key>/ folder of Gristmill: the batches of `gristmill-trainer train` without a mixture, for PyTorch.

    for inputs, targets, mask in batches("corpus/tokens/ab12", length=1024, rows=16, seed=1337, step=0):
        loss = model(torch.from_numpy(inputs).long(), torch.from_numpy(targets).long())  # where mask is 1

Batch n is a function of (index.json, arguments, n) alone: resuming is `step=n`. Needs NumPy only.
"""

import base64, functools, json, os, zlib
import numpy as np

SPAN, WINDOW, BLOCK = 1 << 19, 64, 1 << 20  # tokens of a span, spans of a shuffle window, bytes under one CRC-32


def mix(*parts):  # 32-bit seed of some integers: the finaliser of MurmurHash3 after each
    s = 0x9E3779B9
    for part in parts:
        s = ((s ^ part) * 0x85EBCA6B) & 0xFFFFFFFF
        s = ((s ^ (s >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
        s ^= s >> 16
    return s


def permutation(n, s):  # Fisher-Yates from the end with the generator mulberry32
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        s = (s + 0x6D2B79F5) & 0xFFFFFFFF
        t = ((s ^ (s >> 15)) * (s | 1)) & 0xFFFFFFFF
        t ^= (t + ((t ^ (t >> 7)) * (t | 61))) & 0xFFFFFFFF
        j = int((t ^ (t >> 14)) / 4294967296 * (i + 1))
        order[i], order[j] = order[j], order[i]
    return order


def epoch_order(shards, length, seed, epoch):  # yields (shard, sample) in the order of an epoch
    size = max(1, SPAN // length)
    counts = [-(-shard["tokens"] // length) for shard in shards]
    spans = [(k, at, min(n, at + size)) for k, n in enumerate(counts) for at in range(0, n, size)]
    order = permutation(len(spans), mix(mix(seed, 0), epoch, 1))
    for window in range(-(-len(spans) // WINDOW)):
        chosen = [spans[i] for i in order[window * WINDOW : (window + 1) * WINDOW]]
        samples = [(k, sample) for k, first, end in chosen for sample in range(first, end)]
        yield from (samples[i] for i in permutation(len(samples), mix(mix(seed, 0), epoch, 2, window)))


def batches(folder, length, rows, seed=0, split="train", step=0):
    """Yields inputs, targets (int32) and mask (uint8, 0 = padding), each [rows, length], for ever, from batch `step` on."""
    index = json.load(open(os.path.join(folder, "index.json"), encoding="utf-8"))
    assert index["format"] == "gristmill-tokens" and index["version"] == 1, "another format or version"
    shards = [shard for shard in index["shards"] if shard["split"] == split]
    dtype = np.dtype(index["dtype"]).newbyteorder("<")

    @functools.lru_cache(maxsize=256)
    def tokens_of(k):
        path, at, n = os.path.join(folder, shards[k]["file"]), shards[k]["tokensAt"], shards[k]["tokens"]
        tokens = np.memmap(path, dtype, "r", at, (n,)) if n else np.zeros(0, dtype)
        sums = np.frombuffer(base64.b64decode(shards[k]["blocks"]), "<u4")
        blocks = (tokens[i : i + BLOCK // dtype.itemsize] for i in range(0, n, BLOCK // dtype.itemsize))
        assert [zlib.crc32(block) for block in blocks] == sums.tolist(), f"{path} is damaged"
        return tokens

    total = sum(-(-shard["tokens"] // length) for shard in shards)
    epoch, skip = divmod(step * rows, total)
    flow = epoch_order(shards, length, seed, epoch)
    for _ in range(skip):
        next(flow)
    while True:
        inputs, targets = (np.full((rows, length), index["endOfText"], np.int32) for _ in range(2))
        mask = np.zeros((rows, length), np.uint8)
        for row in range(rows):
            if (place := next(flow, None)) is None:
                epoch += 1
                flow = epoch_order(shards, length, seed, epoch)
                place = next(flow)
            tokens, start = tokens_of(place[0]), place[1] * length
            part = tokens[start : start + length]
            targets[row, : len(part)], mask[row, : len(part)] = part, 1
            inputs[row, 1 : len(part)] = part[:-1]
            if start > 0:
                inputs[row, 0] = tokens[start - 1]
        yield inputs, targets, mask
