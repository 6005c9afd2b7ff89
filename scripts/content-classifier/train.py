"""Second step: labels and trees. Needs numpy, lightgbm 4, trafilatura and rs-trafilatura.

  python train.py --articles OUT PAGES gold.jsonl [--peer NAME=texts.jsonl …] [--site OUT PAGES]… --model content-model.json

Labels. A block of an article page is voted on by extractors (share of those whose text holds it; trafilatura and rs-trafilatura are run here,
others are given as JSON lines {id, text}); a wanted or unwanted segment of gold.jsonl {id, with, without} inside the block overrules the vote and
weighs six times as much. On the pages of one documentation site a short block that a fifth of the pages repeat is not content, and the vote is averaged with 1
for the rest. Every third page by MD5 of its id is held out: it trains nothing and its scores are printed.
"""
import argparse, collections, hashlib, json, pathlib, re
import lightgbm, numpy as np, rs_trafilatura, trafilatura

fold = lambda text: re.sub(r'\s+', ' ', text or '').strip()
norm = lambda text: re.sub(r'[^\w]+', ' ', (text or '').lower()).strip()
is_held_out = lambda id: int(hashlib.md5(id.encode()).hexdigest(), 16) % 3 == 0
vote_weight = {'trafilatura': .36, 'rs-trafilatura': .22, 'readability': .22, 'defuddle': .2}
gold_weight, site_weight = 6, .25


def load(out):
    features = json.load(open(f'{out}.features.json'))
    rows = np.fromfile(f'{out}.f32', dtype='<f4').reshape(-1, len(features))
    pages, at = [], 0
    for line in open(f'{out}.blocks.jsonl'):
        page = json.loads(line)
        page['id'] = re.sub(r'\.html?$', '', page['file'])
        page['x'] = rows[at:at + len(page['blocks'])]
        at += len(page['blocks'])
        pages.append(page)
    return pages, features


def extract(path):
    data = path.read_bytes()
    texts = {'trafilatura': trafilatura.extract(data, include_comments=False) or ''}
    try:
        texts['rs-trafilatura'] = rs_trafilatura.extract_bytes(data).main_content or ''
    except Exception:
        texts['rs-trafilatura'] = ''
    return texts


def votes(blocks, texts):
    whole = {name: norm(text) for name, text in texts.items()}
    parts = {name: {norm(part) for part in re.split(r'\n+|(?<=[.!?:]) +', text)} for name, text in texts.items()}
    total = sum(vote_weight[name] for name in texts) or 1
    def vote(block):
        key = norm(block)
        holds = lambda name: key in whole[name] if len(key) >= 25 else key in parts[name]
        return sum(vote_weight[name] for name in texts if holds(name)) / total
    return np.array([vote(block) for block in blocks])


def size_weight(blocks):
    return np.array([min(1, .15 + len(block) / 150) for block in blocks])


def label_article(page, texts, gold):
    page['y'], page['w'] = votes(page['blocks'], texts), size_weight(page['blocks'])
    for i, block in enumerate(page['blocks']):
        text = fold(block)
        wanted = any(fold(s) in text for s in gold.get('with', []))
        unwanted = any(fold(s) in text for s in gold.get('without', []))
        if wanted != unwanted:
            page['y'][i], page['w'][i] = float(wanted), gold_weight


def label_site(pages, folder):
    seen = collections.Counter(key for page in pages for key in {norm(block) for block in page['blocks']})
    for page in pages:
        vote = votes(page['blocks'], extract(folder / page['file']))
        repeated = [seen[norm(b)] >= max(3, .2 * len(pages)) and len(b) < 300 for b in page['blocks']]
        page['y'] = np.where(repeated, 0, .5 + .5 * vote)
        page['w'] = site_weight * size_weight(page['blocks'])


def train(pages):
    stack = lambda key: np.concatenate([page[key] for page in pages])
    options = dict(objective='cross_entropy', num_leaves=20, learning_rate=.07, min_data_in_leaf=40, feature_fraction=.5, bagging_fraction=.7,
                   bagging_freq=1, max_bin=127, lambda_l2=5, verbose=-1, seed=1, num_threads=2)
    return lightgbm.train(options, lightgbm.Dataset(stack('x'), stack('y'), weight=stack('w')), 120)


def export(model, features, path):
    out = dict(features=features, roots=[], feature=[], threshold=[], left=[], right=[], leaf=[])
    def add(node):
        if 'leaf_value' in node:
            out['leaf'].append(round(node['leaf_value'] * 10000))
            return -len(out['leaf'])
        index = len(out['feature'])
        out['feature'].append(node['split_feature']); out['threshold'].append(float('%.6g' % node['threshold']))
        out['left'].append(0); out['right'].append(0)
        out['left'][index], out['right'][index] = add(node['left_child']), add(node['right_child'])
        return index
    for tree in model.dump_model()['tree_info']:
        out['roots'].append(add(tree['tree_structure']))
    json.dump(out, open(path, 'w'), separators=(',', ':'))


def segment_scores(pages, model, gold):
    tp = fp = fn = 0
    for page in pages:
        text = fold(' '.join(b for b, p in zip(page['blocks'], model.predict(page['x'])) if p > .5))
        found = sum(fold(s) in text for s in gold[page['id']]['with'])
        tp, fn = tp + found, fn + len(gold[page['id']]['with']) - found
        fp += sum(fold(s) in text for s in gold[page['id']]['without'])
    precision, recall = tp / max(1, tp + fp), tp / max(1, tp + fn)
    return f'precision {precision:.3f} recall {recall:.3f} F1 {2 * precision * recall / max(1e-9, precision + recall):.3f}'


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--articles', nargs=3, required=True)
    parser.add_argument('--peer', action='append', default=[])
    parser.add_argument('--site', nargs=2, action='append', default=[])
    parser.add_argument('--model', required=True)
    args = parser.parse_args()
    out, folder, gold_file = args.articles
    gold = {g['id']: g for g in map(json.loads, open(gold_file))}
    peers = {}
    for pair in args.peer:
        name, file = pair.split('=', 1)
        peers[name] = {r['id']: r.get('text') or '' for r in map(json.loads, open(file))}
    articles, features = load(out)
    for page in articles:
        texts = extract(pathlib.Path(folder) / page['file'])
        texts.update({name: found.get(page['id'], '') for name, found in peers.items()})
        label_article(page, texts, gold.get(page['id'], {}))
    pages = [page for page in articles if not is_held_out(page['id'])]
    for out, folder in args.site:
        site, _ = load(out)
        label_site(site, pathlib.Path(folder))
        pages += [page for page in site if not is_held_out(page['id'])]
    model = train(pages)
    print('held out:', segment_scores([page for page in articles if is_held_out(page['id'])], model, gold))
    export(model, features, args.model)
